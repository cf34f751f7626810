import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { printable } from '../../../render/parts/printable.js';

/** The part of a DOM element that is used here. The types of the DOM are those of a browser, which is not here. */
interface SvgElement {
  readonly attributes: Iterable<{ readonly name: string; value: string }>;
  readonly outerHTML: string;
  readonly querySelectorAll: (selector: string) => Iterable<SvgElement>;
  readonly remove: () => void;
  readonly setAttribute: (name: string, value: string) => void;
  readonly removeAttribute: (name: string) => void;
}

/** Draws with Observable Plot in a document of its own. The page's style sheet replaces the one that Plot adds. */
export function plotSvg(
  options: Omit<Plot.PlotOptions, 'document' | 'className'>,
  { title, description }: { readonly title: string; readonly description: string },
): string {
  const { document } = parseHTML('<html></html>');
  const svg = Plot.plot({ ...options, document, className: 'plot' }) as unknown as SvgElement;
  for (const style of [...svg.querySelectorAll('style')]) style.remove();
  // the whole drawing has one name; names of its parts are for a reader that looks inside an image
  for (const one of svg.querySelectorAll('[aria-label]')) one.removeAttribute('aria-label');
  for (const one of [svg, ...svg.querySelectorAll('*')]) roundAttributes(one);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', printable(`${title}. ${description}`));
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return svg.outerHTML;
}

const DRAWN = new Set(['d', 'transform', 'x', 'y', 'x1', 'x2', 'y1', 'y2', 'cx', 'cy', 'r', 'width', 'height']);

/** A tenth of a pixel is enough, and halves the size of a page. */
function roundAttributes(element: SvgElement): void {
  for (const attribute of element.attributes)
    if (DRAWN.has(attribute.name))
      attribute.value = attribute.value.replaceAll(/-?\d+\.\d{2,}/g, (number) =>
        String(Number(Number(number).toFixed(1))),
      );
}
