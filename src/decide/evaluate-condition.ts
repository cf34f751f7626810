import { Cron } from 'croner';
import type { EvaluatedCondition } from '../domain/decision.js';
import type { Command, Condition, Trigger } from '../domain/pipeline.js';
import { formatDuration, type Instant, instantOf, toIso } from '../domain/time.js';
import type { Measurements } from './measurements.js';
import { applyPersistence } from './persistence.js';
import { measurePerformance } from './triggers/performance.js';

type Leaf = Extract<Condition, { readonly at: unknown }>;
type State = EvaluatedCondition['state'];

/** The declared tree with what was measured at every node. An undecided leaf does not fire. */
export function evaluateCondition(condition: Condition, measured: Measurements): EvaluatedCondition {
  if ('at' in condition) return evaluateLeaf(condition, measured);
  if (condition.kind === 'not') {
    const inner = evaluateCondition(condition.of, measured);
    const state: State = inner.state === 'fired' ? 'not-fired' : inner.state === 'not-fired' ? 'fired' : 'undecided';
    return { condition: 'not', state, of: [inner] };
  }
  const of = condition.of.map((one) => evaluateCondition(one, measured));
  return { condition: condition.kind, state: combine(condition.kind, of), of };
}

function combine(kind: 'any' | 'all', of: readonly EvaluatedCondition[]): State {
  if (kind === 'any') return of.some((one) => one.state === 'fired') ? 'fired' : quiet(of);
  return of.every((one) => one.state === 'fired') ? 'fired' : quiet(of);
}

const quiet = (of: readonly EvaluatedCondition[]): State =>
  of.length > 0 && of.every((one) => one.state === 'undecided') ? 'undecided' : 'not-fired';

function evaluateLeaf(leaf: Leaf, measured: Measurements): EvaluatedCondition {
  const raw = measureTrigger(leaf, measured);
  return leaf.persist === undefined ? raw : applyPersistence(raw, leaf.persist, measured);
}

/** Leaves that fired, in the order of the file. */
export function firedLeaves(tree: EvaluatedCondition): readonly EvaluatedCondition[] {
  if (tree.of === undefined) return tree.state === 'fired' ? [tree] : [];
  return tree.of.flatMap(firedLeaves);
}

function measureTrigger(trigger: Trigger, measured: Measurements): EvaluatedCondition {
  switch (trigger.kind) {
    case 'schedule':
      return measureSchedule(trigger, measured);
    case 'new_data':
      return measureNewData(trigger, measured);
    case 'data_drift':
      return measureDrift(trigger, measured);
    case 'code_change':
      return measureCode(measured);
    case 'command':
      return measureCommand(trigger.command, measured);
    case 'max_age':
      return measureAge(trigger.ageMs, measured);
    case 'performance':
      return measurePerformance(trigger, measured);
  }
}

const stateOf = (isFired: boolean): State => (isFired ? 'fired' : 'not-fired');

/** Due when a time of the schedule lies after the last training: a missed tick is caught up once, not once for each. */
function measureSchedule(
  trigger: Extract<Trigger, { readonly kind: 'schedule' }>,
  measured: Measurements,
): EvaluatedCondition {
  const since = measured.lastTrainedAt;
  if (since === undefined) return { condition: 'schedule', state: 'undecided', detail: 'nothing was trained yet' };
  const next = new Cron(trigger.cron, { timezone: trigger.timezone, paused: true }).nextRun(toIso(since));
  const due: Instant | undefined = next === null ? undefined : instantOf(next.getTime());
  return {
    condition: 'schedule',
    state: stateOf(due !== undefined && due <= measured.now),
    threshold: `${trigger.cron} ${trigger.timezone}`,
    ...(due === undefined
      ? {}
      : { measured: toIso(due), detail: `${due <= measured.now ? 'was due' : 'is due'} ${toIso(due)}` }),
  };
}

function measureNewData(
  trigger: Extract<Trigger, { readonly kind: 'new_data' }>,
  measured: Measurements,
): EvaluatedCondition {
  const seen = measured.newData[trigger.dataset] ?? 'it was not measured';
  const base = { condition: 'new_data', detail: `dataset ${trigger.dataset}` };
  if (typeof seen === 'string') return { ...base, state: 'undecided', detail: `dataset ${trigger.dataset}: ${seen}` };
  const limits = (['rows', 'files', 'bytes'] as const).filter((unit) => trigger[unit] !== undefined);
  const unit = limits[0] ?? 'rows';
  const isFired = limits.some((one) => seen[one] >= (trigger[one] ?? Number.POSITIVE_INFINITY));
  return {
    ...base,
    state: stateOf(isFired),
    measured: seen[unit],
    threshold: trigger[unit] ?? null,
    detail: `${seen[unit]} new ${unit} of ${trigger.dataset} since the last training`,
  };
}

function measureDrift(
  trigger: Extract<Trigger, { readonly kind: 'data_drift' }>,
  measured: Measurements,
): EvaluatedCondition {
  const { drift } = measured;
  const base = { condition: 'data_drift', threshold: trigger.share };
  if (drift === undefined || typeof drift === 'string')
    return { ...base, state: 'undecided', detail: drift ?? 'it was not measured' };
  if (drift.total === 0)
    return { ...base, state: 'undecided', detail: drift.undecidedBecause ?? 'no column could be judged' };
  const share = drift.drifted / drift.total;
  const names = drift.features.filter((one) => one.verdict === 'drift').map((one) => one.name);
  return {
    ...base,
    state: stateOf(share >= trigger.share && drift.drifted > 0),
    measured: Number(share.toFixed(4)),
    detail: `${drift.drifted} of ${drift.total} columns drifted${names.length === 0 ? '' : `: ${names.join(', ')}`}`,
    ...(drift.current?.from === undefined ? {} : { since: drift.current.from }),
    windowEnd: measured.now,
  };
}

function measureCode({ codeChanges }: Measurements): EvaluatedCondition {
  if (typeof codeChanges === 'string') return { condition: 'code_change', state: 'undecided', detail: codeChanges };
  return {
    condition: 'code_change',
    state: stateOf(codeChanges.length > 0),
    measured: codeChanges.length,
    threshold: 1,
    detail:
      codeChanges.length === 0
        ? "code and commands are the champion's"
        : `changed: ${codeChanges.slice(0, 5).join(', ')}`,
  };
}

/** Text by which a command's exit code is found again. */
export const commandKey = (command: Command): string => JSON.stringify(command);

function measureCommand(command: Command, measured: Measurements): EvaluatedCondition {
  const code = measured.commands[commandKey(command)] ?? 'it was not run';
  if (typeof code === 'string') return { condition: 'command', state: 'undecided', detail: code };
  return {
    condition: 'command',
    state: stateOf(code === 0),
    measured: code,
    threshold: 0,
    detail: `it exited with ${code}`,
  };
}

function measureAge(ageMs: number, { now, championTrainedAt }: Measurements): EvaluatedCondition {
  if (championTrainedAt === undefined)
    return { condition: 'max_age', state: 'undecided', detail: 'there is no champion' };
  const age = now - championTrainedAt;
  return {
    condition: 'max_age',
    state: stateOf(age >= ageMs),
    measured: formatDuration(age),
    threshold: formatDuration(ageMs),
    detail: `the champion was trained ${formatDuration(age)} ago`,
  };
}
