import type { DriftVerdict } from '../../../domain/data/drift.js';
import type { DistributionShape } from '../../../domain/plot.js';
import type { LineageGraph } from '../../../domain/runs/lineage.js';
import type { Instant } from '../../../domain/support/time.js';

/** What a figure shows, as data. It is drawn when the page is made. */
export type Figure = TimelineFigure | SeriesFigure | DistributionFigure | GraphFigure | StepTimesFigure;

interface Described {
  /** The name by which `--svg` and `--png` ask for it. */
  readonly name: string;
  readonly title: string;
  /** What it shows, for readers who cannot see it. */
  readonly description: string;
}

/** Points and spans in lanes, on one time axis. */
export interface TimelineFigure extends Described {
  readonly kind: 'timeline';
  /** Top to bottom. Lanes without an entry are left out. */
  readonly lanes: readonly string[];
  readonly points: readonly {
    readonly lane: string;
    readonly at: Instant;
    readonly colour: string;
    readonly text: string;
  }[];
  readonly spans: readonly {
    readonly lane: string;
    readonly from: Instant;
    readonly to: Instant;
    readonly colour: string;
    readonly label: string;
    readonly text: string;
  }[];
}

/** A metric over time, with intervals. */
export interface SeriesFigure extends Described {
  readonly kind: 'series';
  readonly unit: string;
  readonly points: readonly {
    readonly at: Instant;
    readonly value: number;
    readonly lower: number;
    readonly upper: number;
    readonly text: string;
  }[];
  readonly levels: readonly { readonly value: number; readonly label: string; readonly isLimit: boolean }[];
  /** Moments that are marked by a line, such as a new version. */
  readonly marks: readonly { readonly at: Instant; readonly label: string }[];
  /** Spans that are shaded, such as an episode. */
  readonly shades: readonly { readonly from: Instant; readonly to: Instant; readonly label: string }[];
}

/** One column of the reference and of the current window, drawn over each other. */
export interface DistributionFigure extends Described {
  readonly kind: 'distribution';
  readonly column: string;
  readonly verdict: DriftVerdict | 'finding' | 'unclear';
  readonly sentence?: string;
  readonly shape: DistributionShape;
}

export interface GraphFigure extends Described {
  readonly kind: 'graph';
  readonly graph: LineageGraph;
}

/** When each step of recent runs began and ended. */
export interface StepTimesFigure extends Described {
  readonly kind: 'step-times';
  readonly steps: readonly {
    readonly run: string;
    readonly step: string;
    readonly status: string;
    /** Seconds after the run's start. */
    readonly from: number;
    readonly to: number;
    readonly text: string;
  }[];
}
