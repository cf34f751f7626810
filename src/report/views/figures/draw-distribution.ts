import * as Plot from '@observablehq/plot';
import type { DistributionFigure } from './figure.js';
import { plotSvg } from './plot-svg.js';

const WIDTH = 380;
const REFERENCE = 'var(--reference)';
const CURRENT = 'var(--accent)';

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

export const drawDistribution = (figure: DistributionFigure): string =>
  figure.shape.kind === 'numbers' ? drawNumbers(figure, figure.shape) : drawCategories(figure, figure.shape);

/** The reference as a filled area, the current window as a line over it. */
function drawNumbers(
  figure: DistributionFigure,
  { edges, reference, current }: Extract<DistributionFigure['shape'], { readonly kind: 'numbers' }>,
): string {
  const cells = reference.map((share, i) => ({
    from: edges[i] ?? 0,
    to: edges[i + 1] ?? 0,
    reference: share,
    current: current[i] ?? 0,
  }));
  const outline = cells.flatMap(({ from, to, current: share }) => [
    { x: from, share },
    { x: to, share },
  ]);
  return plotSvg(
    {
      width: WIDTH,
      height: 150,
      marginLeft: 42,
      x: { label: null, ticks: 5 },
      y: { label: null, ticks: 4, grid: true, tickFormat: percent },
      marks: [
        Plot.rectY(cells, { x1: 'from', x2: 'to', y: 'reference', fill: REFERENCE, inset: 0 }),
        Plot.line(outline, { x: 'x', y: 'share', stroke: CURRENT, strokeWidth: 2 }),
      ],
    },
    figure,
  );
}

function drawCategories(
  figure: DistributionFigure,
  { cells }: Extract<DistributionFigure['shape'], { readonly kind: 'categories' }>,
): string {
  const bars = cells.flatMap(({ name, reference, current }) => [
    { name, window: 'reference', share: reference },
    { name, window: 'current', share: current },
  ]);
  return plotSvg(
    {
      width: WIDTH,
      height: 34 + 30 * cells.length,
      marginLeft: 110,
      marginRight: 44,
      x: { label: null, ticks: 4, grid: true, tickFormat: percent },
      y: { axis: null, domain: ['reference', 'current'], padding: 0.1 },
      fy: { label: null, domain: cells.map(({ name }) => name), axis: 'left', padding: 0.2 },
      marks: [
        Plot.barX(bars, {
          x: 'share',
          y: 'window',
          fy: 'name',
          fill: (one: { window: string }) => (one.window === 'reference' ? REFERENCE : CURRENT),
          title: (one: { name: string; window: string; share: number }) =>
            `${one.name}, ${one.window}: ${percent(one.share)}`,
        }),
      ],
    },
    figure,
  );
}
