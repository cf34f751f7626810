import * as Plot from '@observablehq/plot';
import type { SeriesFigure } from './figure.js';
import { plotSvg } from './plot-svg.js';

export function drawSeries(figure: SeriesFigure): string {
  const { points, levels, marks, shades, unit } = figure;
  const values = [...points.flatMap(({ lower, upper }) => [lower, upper]), ...levels.map(({ value }) => value)];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const margin = (most - least || Math.abs(most) || 1) * 0.08;
  return plotSvg(
    {
      width: 960,
      height: 280,
      marginLeft: 60,
      marginRight: 110,
      marginTop: 30,
      x: { type: 'utc', label: 'UTC' },
      y: { domain: [least - margin, most + margin], label: unit, grid: true },
      marks: [
        Plot.rectX(shades, { x1: 'from', x2: 'to', fill: 'var(--bad)', fillOpacity: 0.12, title: 'label' }),
        Plot.areaY(points, { x: 'at', y1: 'lower', y2: 'upper', fill: 'var(--accent)', fillOpacity: 0.2 }),
        Plot.ruleY(levels, {
          y: 'value',
          stroke: (one: { isLimit: boolean }) => (one.isLimit ? 'var(--bad)' : 'var(--dim)'),
          strokeDasharray: '5,4',
        }),
        Plot.text(levels, { y: 'value', text: 'label', frameAnchor: 'right', textAnchor: 'start', dx: 6 }),
        Plot.ruleX(marks, { x: 'at', stroke: 'var(--dim)', strokeOpacity: 0.6 }),
        Plot.text(marks, { x: 'at', text: 'label', frameAnchor: 'top', dy: -16 }),
        Plot.lineY(points, { x: 'at', y: 'value', stroke: 'var(--accent)', strokeWidth: 2 }),
        Plot.dot(points, { x: 'at', y: 'value', fill: 'var(--accent)', r: 3.5, title: 'text' }),
      ],
    },
    figure,
  );
}
