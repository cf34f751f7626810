import { draw } from '../figures/draw.js';
import type { Figure } from '../figures/figure.js';
import { STYLES } from './styles.js';

/** A figure as an SVG file. It brings the style sheet along, because it has no page around it. */
export const figureSvg = (figure: Figure): string =>
  draw(figure).replace(/^<svg[^>]*>/, (opening) => `${opening}<style>${STYLES}</style>`);

/** A page with nothing but the figure, as large as it is. */
export function figurePicture(figure: Figure): {
  readonly html: string;
  readonly width: number;
  readonly height: number;
} {
  const svg = draw(figure);
  const [width, height] = ['width', 'height'].map((name) => {
    const found = new RegExp(`^<svg[^>]*? ${name}="([0-9.]+)"`).exec(svg);
    return Math.ceil(Number(found?.[1] ?? 960));
  });
  const html = `<!doctype html><meta charset="utf-8"><style>${STYLES}\nbody { margin: 0; padding: 0; max-width: none; }</style>${svg}`;
  return { html, width: width ?? 960, height: height ?? 300 };
}
