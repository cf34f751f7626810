import { drawDistribution } from './draw-distribution.js';
import { drawGraph } from './draw-graph.js';
import { drawSeries } from './draw-series.js';
import { drawStepTimes } from './draw-step-times.js';
import { drawTimeline } from './draw-timeline.js';
import type { Figure } from './figure.js';

/** A figure as SVG. Its colours are variables of the page's style sheet. */
export function draw(figure: Figure): string {
  switch (figure.kind) {
    case 'timeline':
      return drawTimeline(figure);
    case 'series':
      return drawSeries(figure);
    case 'distribution':
      return drawDistribution(figure);
    case 'graph':
      return drawGraph(figure);
    case 'step-times':
      return drawStepTimes(figure);
  }
}
