import { shortName } from '../../data/views/data-view.js';
import { type DriftReport, type FeatureDrift, hasMoved } from '../../domain/data/drift.js';
import type { ColumnProfile } from '../../domain/data/profile.js';
import type { CategoriesShape, DistributionShape } from '../../domain/plot.js';
import type { JsonObject } from '../../domain/support/json.js';
import type { ViewPart } from '../../domain/view.js';
import { asJson, blank, dim, figure, heading, line, plural } from '../../render/parts/parts.js';
import { shareText } from '../../render/parts/plots/draw-histogram.js';
import { distributionShape } from './distribution-shape.js';

/** Two columns of a narrow terminal each, beside the labels of the axis. */
const CELLS = 32;
const MOST_PLOTS = 8;
/** If nothing moved. */
const NEAREST_PLOTS = 3;

interface ColumnPlot {
  readonly feature: FeatureDrift;
  readonly shape: DistributionShape;
  readonly notes: readonly string[];
}

/** Charts of the columns that moved, farthest first; if none has, of those that are nearest to their limits. */
export function driftPlots(report: DriftReport): readonly ViewPart[] {
  if (report.compared === undefined) return [];
  const { columns, isMoved, more } = plottedColumns(report);
  if (columns.length === 0) return [line(dim('nothing to draw: no column was compared'))];
  return [
    heading(isMoved ? 'the columns that moved' : 'no column has moved; these are nearest to their limits'),
    ...columns.map(
      ({ feature, shape, notes }): ViewPart => ({
        kind: 'plot',
        plot:
          shape.kind === 'numbers'
            ? { kind: 'histogram', title: titleOf(feature), shape, notes }
            : { kind: 'bars', title: titleOf(feature), shape: withoutRest(shape), notes },
      }),
    ),
    ...(more === 0 ? [] : [blank, line(dim(`${plural(more, 'more column')} moved; the table above lists them`))]),
  ];
}

/** The same for the document, by column. */
export const distributionsJson = (report: DriftReport): readonly JsonObject[] | undefined =>
  report.compared === undefined
    ? undefined
    : plottedColumns(report).columns.map(({ feature, shape }) => ({ name: feature.name, ...asJson(shape) }));

function plottedColumns(report: DriftReport): {
  readonly columns: readonly ColumnPlot[];
  readonly isMoved: boolean;
  readonly more: number;
} {
  const moved = report.features.filter((one) => hasMoved(one) || one.verdict === 'finding');
  const isMoved = moved.length > 0;
  const chosen = (isMoved ? moved : report.features).toSorted((a, b) => excess(b) - excess(a));
  const columns = chosen.flatMap((feature) => plotOf(feature, report) ?? []);
  const most = isMoved ? MOST_PLOTS : NEAREST_PLOTS;
  return { columns: columns.slice(0, most), isMoved, more: isMoved ? Math.max(0, columns.length - most) : 0 };
}

/** How many times its limit the distance is. */
const excess = ({ score = 0, threshold = 0 }: FeatureDrift): number => (threshold > 0 ? score / threshold : score);

function plotOf(feature: FeatureDrift, { compared }: DriftReport): ColumnPlot | undefined {
  if (compared === undefined) return undefined;
  const shape = distributionShape(feature.name, compared, CELLS);
  const [before, after] = [compared.reference, compared.current].map(({ columns }) =>
    columns.find(({ name }) => name === feature.name),
  );
  if (shape === undefined || before === undefined || after === undefined) return undefined;
  return { feature, shape, notes: notesOf(before, after, shape) };
}

const titleOf = ({ name, verdict, score, threshold, method }: FeatureDrift): string =>
  `${shortName(name)}: ${verdict}${score === undefined ? '' : `, ${method} ${figure(score)}${threshold === undefined ? '' : `, limit ${figure(threshold)}`}`}`;

/** The rest is often most rows, and would squeeze the named values. */
const withoutRest = (shape: CategoriesShape): CategoriesShape => ({
  ...shape,
  cells: shape.cells.filter((cell) => cell.isRest !== true),
});

const restNote = ({ cells }: CategoriesShape): readonly string[] =>
  cells.flatMap(({ isRest, name, reference, current }) =>
    isRest === true ? [`${name}: reference ${shareText(reference)}, current ${shareText(current)}`] : [],
  );

/** What the bars do not show: missing values, values that are no numbers, the range of the outermost ones. */
function notesOf(before: ColumnProfile, after: ColumnProfile, shape: DistributionShape): readonly string[] {
  if (shape.kind === 'categories') return restNote(shape);
  const missing = [before, after].map(({ missing: count, rows }) => shareText(rows === 0 ? 0 : count / rows));
  const [least, most] = [
    Math.min(...[before, after].flatMap(({ numeric }) => numeric?.min ?? [])),
    Math.max(...[before, after].flatMap(({ numeric }) => numeric?.max ?? [])),
  ];
  const [from, to] = [shape.edges[0] ?? 0, shape.edges.at(-1) ?? 0];
  return [
    ...(before.missing + after.missing === 0 ? [] : [`missing: reference ${missing[0]}, current ${missing[1]}`]),
    ...(before.notFinite + after.notFinite === 0
      ? []
      : [`NaN or infinite: reference ${plural(before.notFinite, 'row')}, current ${plural(after.notFinite, 'row')}`]),
    ...(least < from || most > to
      ? [`values from ${figure(least)} to ${figure(most)}; the outermost bars hold those beyond the axis`]
      : []),
  ];
}
