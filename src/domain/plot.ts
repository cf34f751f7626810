/** What a chart of a terminal shows, as data. The renderer draws it as wide as the terminal. */
export type Plot = SeriesPlot | HistogramPlot | BarsPlot;

interface Titled {
  readonly title: string;
  /** Facts that the drawing cannot show, one a line. */
  readonly notes: readonly string[];
}

/** One value over time or over numbered places. */
export interface SeriesPlot extends Titled {
  readonly kind: 'series';
  /** What the values of y are, for the legend. */
  readonly unit: string;
  /** `time`: x is milliseconds since 1970. `number`: x is a place, such as a training step. */
  readonly axis: 'time' | 'number';
  /** What the values of x are: `UTC`, `training step`. */
  readonly axisUnit: string;
  /** Ordered by x. Values that are not finite are not drawn, but counted. */
  readonly points: readonly PlotPoint[];
  /** Horizontal lines, such as a limit of the gate. */
  readonly levels: readonly { readonly value: number; readonly label: string }[];
}

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  /** Its interval. */
  readonly lower?: number;
  readonly upper?: number;
}

/** Numbers of two windows in the same cells, drawn over each other. Shares are of all rows, 0…1. */
export interface NumbersShape {
  readonly kind: 'numbers';
  /** Edges of the cells, one more than shares. */
  readonly edges: readonly number[];
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** Values of two windows side by side. Shares are of all rows, 0…1. */
export interface CategoriesShape {
  readonly kind: 'categories';
  readonly cells: readonly {
    readonly name: string;
    readonly reference: number;
    readonly current: number;
    /** All values that have no cell of their own. */
    readonly isRest?: boolean;
  }[];
}

export type DistributionShape = NumbersShape | CategoriesShape;

interface HistogramPlot extends Titled {
  readonly kind: 'histogram';
  readonly shape: NumbersShape;
}

interface BarsPlot extends Titled {
  readonly kind: 'bars';
  readonly shape: CategoriesShape;
}
