import * as Plot from '@observablehq/plot';
import { printable } from '../../../render/parts/printable.js';
import { shorten } from '../../../render/parts/width.js';
import type { StepTimesFigure } from './figure.js';
import { plotSvg } from './plot-svg.js';

const TONES: Readonly<Record<string, string>> = {
  succeeded: 'var(--good)',
  restored: 'var(--accent)',
  skipped: 'var(--reference)',
  failed: 'var(--bad)',
  'timed-out': 'var(--bad)',
  lost: 'var(--bad)',
};

export function drawStepTimes(figure: StepTimesFigure): string {
  const runs = [...new Set(figure.steps.map(({ run }) => run))];
  const steps = [...new Set(figure.steps.map(({ step }) => step))];
  return plotSvg(
    {
      width: 960,
      height: 60 + (18 * steps.length + 8) * runs.length,
      marginLeft: 150,
      marginRight: 170,
      x: { label: 'seconds after the start of the run', grid: true, zero: true },
      y: { label: null, domain: steps, padding: 0.15, tickFormat: (step: string) => shorten(printable(step), 20) },
      fy: { label: null, axis: 'right', domain: runs, padding: 0.1 },
      marks: [
        Plot.barX(figure.steps, {
          x1: 'from',
          x2: 'to',
          y: 'step',
          fy: 'run',
          fill: (one: { status: string }) => TONES[one.status] ?? 'var(--dim)',
          title: 'text',
        }),
      ],
    },
    figure,
  );
}
