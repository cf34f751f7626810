import * as Plot from '@observablehq/plot';
import type { TimelineFigure } from './figure.js';
import { plotSvg } from './plot-svg.js';

const LANE_HEIGHT = 34;

export function drawTimeline(figure: TimelineFigure): string {
  const { points, spans } = figure;
  const used = new Set([...points, ...spans].map(({ lane }) => lane));
  const lanes = figure.lanes.filter((lane) => used.has(lane));
  return plotSvg(
    {
      width: 960,
      height: 50 + LANE_HEIGHT * lanes.length,
      marginLeft: 90,
      marginRight: 20,
      x: { type: 'utc', label: 'UTC', grid: true },
      y: { domain: lanes, label: null, padding: 0.35 },
      marks: [
        Plot.barX(spans, { x1: 'from', x2: 'to', y: 'lane', fill: 'colour', title: 'text', rx: 3, fillOpacity: 0.85 }),
        Plot.text(spans, {
          x: (one: { from: number; to: number }) => (one.from + one.to) / 2,
          y: 'lane',
          text: 'label',
          fill: 'var(--on-colour)',
          pointerEvents: 'none',
        }),
        Plot.dot(points, { x: 'at', y: 'lane', r: 5, fill: 'colour', title: 'text', stroke: 'var(--page)' }),
      ],
    },
    figure,
  );
}
