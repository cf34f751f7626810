import type { ColumnProfile, TableProfile } from '../../domain/data/profile.js';
import type { FingerprintParts } from '../../domain/pipeline/plan.js';
import type {
  CodeDifference,
  ComparedRun,
  DataDifference,
  Difference,
  ScoreComparison,
  ScoreDifference,
} from '../../domain/runs/run-diff.js';
import { countText } from '../../domain/support/count-text.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import type { Line, Span, View, ViewPart } from '../../domain/view.js';
import {
  asJson,
  bytes,
  dim,
  distinctFigures,
  figure,
  heading,
  inFull,
  line,
  moment,
  plural,
  short,
  shown,
  strong,
  table,
  toned,
  word,
} from '../../render/parts/parts.js';
import { shorten } from '../../render/parts/width.js';
import { codeText } from '../../run/views/lists-view.js';
import { intervalJson, scoreCells } from './score-parts.js';

/** What `diff` and `compare` show. */
export interface RunDiff {
  readonly before: ComparedRun;
  readonly after: ComparedRun;
  /** Unified diff of the pipeline file. */
  readonly pipeline: readonly string[];
  readonly code: readonly CodeDifference[];
  readonly data: readonly DataDifference[];
  readonly parts: readonly {
    readonly step: string;
    readonly before: FingerprintParts | undefined;
    readonly after: FingerprintParts | undefined;
  }[];
  readonly scores: ScoreComparison;
}

/** Names whose values differ, with both values. */
export function differing<T extends Json>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
): readonly Difference<T>[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name): readonly Difference<T>[] => {
    const was: T | undefined = before[name];
    const is: T | undefined = after[name];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    return [{ name, before: was, after: is }];
  });
}

const NO_FILES = /^(input|dataset|param|output-hash)/;

/** Differences of fingerprint parts that are neither files nor params: command, env, image, platform, now. */
function stepDifferences(parts: RunDiff['parts']): readonly (Difference<string> & { readonly step: string })[] {
  return parts.flatMap(({ step, before = {}, after = {} }) =>
    differing<string>(before, after)
      .filter(({ name }) => !NO_FILES.test(name))
      .map((one) => ({ ...one, step })),
  );
}

const environmentOf = ({ run }: ComparedRun): Readonly<Record<string, string>> => ({
  host: run.environment.host,
  platform: run.environment.platform,
  ...run.environment.tools,
});

const contextOf = ({ run }: ComparedRun): Readonly<Record<string, string>> => ({
  pipeline: run.pipeline,
  profile: run.profile ?? 'none',
  trigger: run.trigger.kind,
  actor: run.actor,
  now: toIso(run.now),
  commit: run.code.commit ?? 'none',
  uncommitted_changes: run.code.diff ?? (run.code.isDirty ? 'yes' : 'none'),
});

const gateOf = ({ gate }: ComparedRun): Readonly<Record<string, string>> =>
  gate === undefined
    ? {}
    : { verdict: gate.verdict, ...Object.fromEntries(gate.checks.map((check) => [check.name, check.verdict])) };

export const pairJson = <T extends Json>(one: Difference<T>): JsonObject => ({
  name: one.name,
  before: one.before ?? null,
  after: one.after ?? null,
});

/** The view of `diff`. */
export function diffView(found: RunDiff): View {
  const { before, after, pipeline, code, data } = found;
  const params = differing(before.run.params, after.run.params);
  const environment = differing(environmentOf(before), environmentOf(after));
  const context = differing(contextOf(before), contextOf(after));
  const metrics = differing(before.metrics, after.metrics);
  const scores = found.scores.scores.filter((one) => one.before !== one.after);
  const gate = differing(gateOf(before), gateOf(after));
  const steps = stepDifferences(found.parts);
  const isSame = [pipeline, code, data, params, environment, context, metrics, scores, gate, steps].every(
    (list) => list.length === 0,
  );
  return {
    json: {
      before: sideJson(before),
      after: sideJson(after),
      same: isSame,
      context: context.map(pairJson),
      pipeline: [...pipeline],
      code: code.map((one) => ({ ...pairJson(one), diff: [...one.lines] })),
      params: params.map(pairJson),
      steps: steps.map((one) => ({ step: one.step, ...pairJson(one) })),
      environment: environment.map(pairJson),
      data: data.map(dataJson),
      metrics: metrics.map(pairJson),
      evaluation: scores.map((one) => ({ ...pairJson(one), ...intervalJson(one) })),
      gate: gate.map(pairJson),
    },
    parts: [
      line(strong(before.name), dim(`  ${sideText(before)}`)),
      line(strong(after.name), dim(`  ${sideText(after)}`)),
      ...(isSame ? [line(toned('nothing differs', 'good'))] : []),
      ...pairs('run', context, shown),
      ...texts('pipeline', pipeline),
      ...code.flatMap(codeParts),
      ...pairs('params', params, inFull),
      ...pairs(
        'steps',
        steps.map((one) => ({ ...one, name: `${one.step}: ${one.name}` })),
        shown,
      ),
      ...pairs('environment', environment, shown),
      ...dataParts(data),
      ...pairs('metrics', metrics.map(inFigures), (text) => text),
      ...scoreParts(scores, found.scores),
      ...pairs('gate', gate, word),
    ],
  };
}

export const sideJson = ({ name, run, version }: ComparedRun): JsonObject => ({
  name,
  run: run.id,
  version: version === undefined ? null : `${version.model}@${version.version}`,
});

/** What a side is, beside its name: the name is not said twice. */
export const sideText = ({ name, run, version }: ComparedRun): string =>
  `${version === undefined || name === `${version.model}@${version.version}` ? '' : `${version.model}@${version.version}, `}run ${run.id}, ${moment(run.startedAt)} UTC, code ${codeText(run)}`;

function pairs<T>(title: string, found: readonly Difference<T>[], text: (value: T) => Span): readonly ViewPart[] {
  if (found.length === 0) return [];
  const side = (value: T | undefined): Span => (value === undefined ? dim('–') : shortened(text(value)));
  return [
    heading(title),
    table(
      ['', 'before', 'after'],
      found.map(({ name, before, after }) => [name, side(before), side(after)]),
    ),
  ];
}

function scoreParts(scores: readonly ScoreDifference[], { isSameData }: ScoreComparison): readonly ViewPart[] {
  if (scores.length === 0) return [];
  return [
    heading('scores'),
    table(
      ['', 'before', 'after', 'difference', '95 % interval'],
      scores.map((one) => [one.name, ...scoreCells(one)]),
    ),
    ...(isSameData ? [] : [line(dim(OTHER_DATA))]),
  ];
}

export const OTHER_DATA = 'each version was scored on its own test data: a difference may come from the data';

/** Figures that differ are shown as different ones. */
function inFigures({ name, before, after }: Difference<number>): Difference<string> {
  if (before === undefined || after === undefined)
    return {
      name,
      before: before === undefined ? undefined : figure(before),
      after: after === undefined ? undefined : figure(after),
    };
  const [left, right] = distinctFigures(before, after);
  return { name, before: left, after: right };
}

/** Characters shown of a hash or a command: its start is enough to recognise it. */
const MAX_WIDTH = 60;
const shortened = (span: Span): Span => {
  if (typeof span !== 'string') return span;
  if (/^[0-9a-f]{40,64}$/.test(span)) return short(span);
  return shorten(span, MAX_WIDTH);
};

const diffLine = (text: string): Line => [
  text.startsWith('+')
    ? toned(text, 'good')
    : text.startsWith('-')
      ? toned(text, 'bad')
      : text.startsWith('@')
        ? dim(text)
        : text,
];

const texts = (title: string, lines: readonly string[]): readonly ViewPart[] =>
  lines.length === 0
    ? []
    : [heading(title), ...lines.map((text): ViewPart => ({ kind: 'line', line: diffLine(text) }))];

function codeParts({ name, before, after, lines }: CodeDifference): readonly ViewPart[] {
  if (lines.length > 0) return texts(`code: ${name}`, lines);
  return [
    heading(`code: ${name}`),
    line(
      dim(
        `  ${before === undefined ? 'new' : short(before)} → ${after === undefined ? 'gone' : short(after)}; its text is no longer available in git, the store or the workspace`,
      ),
    ),
  ];
}

function dataJson({ name, kind, before, after, profiles }: DataDifference): JsonObject {
  const side = (use: DataDifference['before']): Json =>
    use === undefined ? null : { hash: use.artifact.hash, size: use.artifact.size, rows: use.rows ?? null };
  return {
    path: name,
    kind,
    before: side(before),
    after: side(after),
    columns:
      profiles === undefined ? null : columnDifferences(profiles.before, profiles.after).map((one) => asJson(one)),
  };
}

interface ColumnDifference {
  readonly column: string;
  readonly before?: ColumnSummary;
  readonly after?: ColumnSummary;
}

interface ColumnSummary {
  readonly type: string;
  /** Share of missing values, 0 to 1. */
  readonly missing: number;
  readonly distinct: number;
  readonly distinct_is_estimate?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
  readonly sd?: number;
  readonly most_frequent?: string;
}

function summaryOf(column: ColumnProfile): ColumnSummary {
  const { numeric, categories } = column;
  const top = categories?.top[0]?.value;
  return {
    type: column.sqlType,
    missing: column.rows === 0 ? 0 : column.missing / column.rows,
    distinct: column.distinct,
    distinct_is_estimate: column.isDistinctEstimate,
    min: numeric === undefined ? undefined : numeric.min,
    max: numeric === undefined ? undefined : numeric.max,
    mean: numeric === undefined ? undefined : numeric.mean,
    sd: numeric === undefined ? undefined : numeric.sd,
    most_frequent: top,
  };
}

function columnDifferences(before: TableProfile, after: TableProfile): readonly ColumnDifference[] {
  const summaries = (profile: TableProfile) => new Map(profile.columns.map((one) => [one.name, summaryOf(one)]));
  const [old, fresh] = [summaries(before), summaries(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((column): readonly ColumnDifference[] => {
    const [was, is] = [old.get(column), fresh.get(column)];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    return [{ column, before: was, after: is }];
  });
}

function dataParts(data: readonly DataDifference[]): readonly ViewPart[] {
  if (data.length === 0) return [];
  const side = (use: DataDifference['before']): Span =>
    use === undefined
      ? dim('–')
      : `${use.rows === undefined ? bytes(use.artifact.size) : plural(use.rows, 'row')} (${short(use.artifact.hash)})`;
  return [
    heading('data'),
    table(
      ['', 'path', 'before', 'after'],
      data.map(({ name, kind, before, after }) => [dim(kind), name, side(before), side(after)]),
    ),
    ...data.flatMap(({ name, profiles }) =>
      profiles === undefined ? [] : columnParts(name, columnDifferences(profiles.before, profiles.after)),
    ),
  ];
}

const columnParts = (name: string, columns: readonly ColumnDifference[]): readonly ViewPart[] =>
  columns.length === 0
    ? []
    : [
        heading(`columns of ${name}`),
        table(
          ['column', 'before', 'after'],
          columns.map(({ column, before, after }) => [column, summaryText(before), summaryText(after)]),
        ),
      ];

function summaryText(summary: ColumnSummary | undefined): Span {
  if (summary === undefined) return dim('–');
  const { mean, sd, min, max, most_frequent: top, missing, distinct, distinct_is_estimate: isEstimate } = summary;
  const spread =
    mean === undefined || sd === undefined || min === undefined || max === undefined
      ? `${countText(distinct, isEstimate)} values${top === undefined ? '' : `, most often ${top}`}`
      : `${figure(mean)} ± ${figure(sd)}, ${figure(min)} to ${figure(max)}`;
  return `${spread}${missing === 0 ? '' : `, ${figure(missing * 100)} % missing`}`;
}
