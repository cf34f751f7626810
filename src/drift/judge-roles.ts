import { openPipelineLog } from '../data/datasets/prediction-log.js';
import type { FeatureDrift } from '../domain/data/drift.js';
import type { Failure } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { LogSpan } from '../domain/ports/prediction-log.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { DAY_MS, type Instant, instantOf } from '../domain/support/time.js';
import type { When } from '../domain/when.js';
import { type ChampionLog, championLog } from '../models/champion-log.js';
import { compareColumn } from './judge/compare-column.js';
import { alphaFor } from './judge/judge-table.js';
import { judgeInSeason, YEAR_MS } from './judge/season.js';
import { MOST_CLASSES, profileOfValues } from './judge/values-profile.js';

/** Used if the monitor names no window. */
const USUAL_DAYS = 28;
/** The values of a segment column with the most rows, which are judged. */
const MOST_VALUES = 20;

type Role = 'label' | 'prediction';

/**
 * Compares the model's logged predictions and their labels with those at its gate, as features of the roles
 * `prediction` and `label`. Labels are taken from the window that ended `delay` ago. A role that a `known` feature
 * already has is left out. A role without rows is undecided.
 */
export async function judgeRoles(
  services: Services,
  pipeline: Pipeline,
  when: When,
  known: readonly FeatureDrift[],
): Promise<Result<readonly FeatureDrift[], Failure>> {
  const { monitor } = pipeline;
  if (monitor?.predictions === undefined) return ok([]);
  const names = { prediction: monitor.predictions.prediction, label: monitor.labels?.label };
  const roles = (['prediction', 'label'] as const).filter(
    (role) => names[role] !== undefined && !known.some((one) => one.role === role),
  );
  const columns = roles.map((role) => ({ role, name: names[role] ?? role }));
  if (columns.length === 0) return ok([]);
  const opened = await openPipelineLog(services, pipeline, when);
  if (!opened.ok) return opened;
  if (opened.value === undefined)
    return ok(columns.map((column) => undecided(column, 'no predictions have been logged yet')));
  await using log = opened.value;
  const model = championLog(services, pipeline, when, log);
  const windowMs = monitor.current?.windowMs ?? USUAL_DAYS * DAY_MS;
  const found: FeatureDrift[] = [];
  for (const column of columns) {
    const until = instantOf(when.now - (column.role === 'label' ? model.delayMs : 0));
    const from = instantOf(Math.max(until - windowMs, model.servedSince ?? Number.NEGATIVE_INFINITY));
    const alpha = alphaFor(known.length + columns.length);
    const judged = await judgeRole(model, column, { from, until, alpha });
    if (!judged.ok) return judged;
    found.push(judged.value);
  }
  return ok(found);
}

interface Column {
  readonly role: Role;
  readonly name: string;
}

interface Span {
  readonly from: Instant;
  readonly until: Instant;
  readonly alpha: number;
}

const undecided = ({ role, name }: Column, detail: string): FeatureDrift => ({
  name,
  kind: 'numeric',
  role,
  method: 'ks',
  verdict: 'undecided',
  detail,
});

async function judgeRole(model: ChampionLog, column: Column, span: Span): Promise<Result<FeatureDrift, Failure>> {
  const gate = await model.atGate();
  const before = gate?.[column.role];
  if (before === undefined)
    return ok(undecided(column, `the champion's evaluation kept no table of labels and predictions to compare with`));
  if (span.from >= span.until) return ok(undecided(column, 'the champion serves for less than the delay of labels'));
  const read = await valuesOf(model, column, span);
  if (!read.ok) return read;
  const now = read.value;
  if (now.length === 0) return ok(undecided(column, `no ${column.role} in the window yet`));
  const judge = judgeAgainst(column, before, span.alpha);
  const seasonal = await inSeason(model, column, span, { now, judged: judge(now) });
  if (!seasonal.ok) return seasonal;
  const judged = seasonal.value;
  if (judged.verdict !== 'drift') return ok(judged);
  const slice = await movedSlice(model, column, span, { now, judge });
  if (!slice.ok || slice.value === undefined) return slice.ok ? ok(judged) : slice;
  return ok({ ...judged, detail: [judged.detail, slice.value].filter(Boolean).join('; ') });
}

/** A drift that the same weeks of the year before show as well, in the rows logged then, is a season. */
async function inSeason(
  model: ChampionLog,
  column: Column,
  { from, until, alpha }: Span,
  { now, judged }: { readonly now: Float64Array; readonly judged: FeatureDrift },
): Promise<Result<FeatureDrift, Failure>> {
  if (judged.verdict !== 'drift') return ok(judged);
  const season = { since: instantOf(from - YEAR_MS), until: instantOf(until - YEAR_MS), years: 1 };
  const then = await valuesOf(model, column, { from: season.since, until: season.until });
  if (!then.ok || then.value.length === 0) return then.ok ? ok(judged) : then;
  return ok(judgeInSeason(judged, judgeAgainst(column, then.value, alpha)(now), season));
}

/**
 * If both windows have few different values they are compared as classes: a label of 0 and 1 moves by shares, not by
 * distances.
 */
function judgeAgainst({ name, role }: Column, before: Float64Array, alpha: number) {
  return (now: Float64Array): FeatureDrift => {
    const isClasses = new Set([...new Set(before), ...new Set(now)]).size <= MOST_CLASSES;
    return compareColumn(profileOfValues(name, before, isClasses), profileOfValues(name, now, isClasses), {
      alpha,
      role,
    });
  };
}

async function valuesOf(
  { log }: ChampionLog,
  { role }: Column,
  { from, until, segment }: Pick<Span, 'from' | 'until'> & Pick<LogSpan, 'segment'>,
): Promise<Result<Float64Array, Failure>> {
  const rows = await log.rows({ from, until, segment });
  return rows.ok ? ok(rows.value[role].filter(Number.isFinite)) : rows;
}

/** The slice without whose rows nothing would have drifted, in words. `undefined` if there is none. */
async function movedSlice(
  model: ChampionLog,
  column: Column,
  span: Span,
  { now, judge }: { readonly now: Float64Array; readonly judge: (values: Float64Array) => FeatureDrift },
): Promise<Result<string | undefined, Failure>> {
  let best: { readonly what: string; readonly rest: FeatureDrift; readonly rows: number } | undefined;
  for (const name of model.segments) {
    const values = await largestValues(model, name, span);
    if (!values.ok) return values;
    for (const value of values.value) {
      const rows = await valuesOf(model, column, { ...span, segment: { column: name, value } });
      if (!rows.ok) return rows;
      const rest = judge(without(now, rows.value));
      const isBetter = rest.verdict === 'stable' && rows.value.length < (best?.rows ?? now.length);
      if (isBetter) best = { what: `${name}=${value}`, rest, rows: rows.value.length };
    }
  }
  if (best === undefined) return ok(undefined);
  const share = Math.round((100 * best.rows) / now.length);
  return ok(`it moved in ${best.what} (${share} % of the rows): without them ${figure(best.rest.score)} is left`);
}

async function largestValues(
  { log }: ChampionLog,
  segment: string,
  { from, until }: Span,
): Promise<Result<readonly string[], Failure>> {
  const counted = await log.windows({ anchor: from, windowMs: until - from, segment }, { from, until });
  if (!counted.ok) return counted;
  const values = [...counted.value].sort((a, b) => b.rows - a.rows).slice(0, MOST_VALUES);
  return ok(values.flatMap((one) => one.segment ?? []));
}

/** `all` without the values in `some`, each removed as often as it occurs there. */
function without(all: Float64Array, some: Float64Array): Float64Array {
  const taken = new Map<number, number>();
  for (const value of some) taken.set(value, (taken.get(value) ?? 0) + 1);
  return all.filter((value) => {
    const left = taken.get(value) ?? 0;
    if (left > 0) taken.set(value, left - 1);
    return left === 0;
  });
}

const figure = (value: number | undefined): string =>
  value === undefined ? '–' : String(Number(value.toPrecision(3)));
