import type { Finding } from '../../domain/data/finding.js';
import type { DecisionKind, EvaluatedCondition } from '../../domain/decisions/decision.js';
import type { DecisionId } from '../../domain/ids.js';
import type { RetrainSpec } from '../../domain/pipeline/pipeline.js';
import { formatDuration, formatDurationBeside, type Instant, toIso } from '../../domain/support/time.js';
import { type Attempt, backOff } from './back-off.js';
import { firedLeaves, leavesOf, muteCommands } from './evaluate-condition.js';
import { AGAIN_MS, keyOf } from './fire-once.js';
import { holdUnclear, type UnclearHold } from './unclear-hold.js';

/** Everything a decision depends on: stored facts and one clock reading. */
export interface Situation {
  readonly now: Instant;
  readonly spec?: RetrainSpec;
  readonly hasChampion: boolean;
  readonly isForced: boolean;
  /** The evaluated condition tree. Absent without a champion or a `retrain` section. */
  readonly conditions?: EvaluatedCondition;
  /** Errors in the data that nobody has resolved as normal. */
  readonly dataBugs: readonly Finding[];
  /** Columns that changed because of a fault or a changed world. */
  readonly unclear?: readonly Finding[];
  /** Earlier decisions to hold because of such columns under this champion. */
  readonly unclearHolds?: readonly UnclearHold[];
  /** Length of the monitored window. */
  readonly windowMs?: number;
  /** Times of earlier decisions to retrain, newest first. */
  readonly retrainedAt: readonly Instant[];
  /** Bad outcomes since the last good one, or since the pipeline was resumed. */
  readonly failuresInARow: number;
  /** Candidates that the gate refused since the last training that ended otherwise, or since the pipeline was resumed. */
  readonly refusalsInARow?: number;
  /** The checks that the last of them failed. */
  readonly refusedBy?: string;
  /** The trainings of the present series that were refused or failed, newest first. They delay the same reason. */
  readonly attempts?: readonly Attempt[];
  /** A person's pause that has not ended. */
  readonly pausedBy?: { readonly actor: string; readonly reason: string; readonly since: Instant };
  /** The reason that a person gave for forcing it. */
  readonly forcedBecause?: string;
  /** Suggestions made under this champion. */
  readonly suggested?: readonly Suggested[];
}

/** An earlier suggestion and the triggers it would have trained for. */
interface Suggested {
  readonly id: DecisionId;
  readonly now: Instant;
  readonly ids: readonly string[];
}

/** Default number of failures in a row that pause a pipeline, so that a broken one does not train for ever. */
const PAUSE_AFTER_FAILURES = 3;
/** Default number of refused candidates in a row that pause a pipeline: more of the same data will not convince the gate. */
export const PAUSE_AFTER_REFUSALS = 3;

export interface Verdict {
  readonly decision: DecisionKind;
  readonly because: EvaluatedCondition;
  readonly summary: string;
}

/**
 * Decides in this order: data bugs hold everything, then force, pauses, unclear columns, no champion, and the declared
 * conditions with their limits.
 */
export function decide(situation: Situation): Verdict {
  return (
    holds(situation) ??
    (situation.isForced ? forced(situation) : undefined) ??
    pauses(situation) ??
    holdsUnclear(situation) ??
    (situation.hasChampion ? byConditions(situation) : noChampion(situation))
  );
}

function holds({ dataBugs, spec }: Situation): Verdict | undefined {
  if (dataBugs.length === 0 || spec?.onDataBug === 'ignore') return undefined;
  const of = dataBugs.map(
    (bug): EvaluatedCondition => ({
      condition: 'data-bug',
      state: 'fired',
      measured: bug.id,
      detail: `${bug.severity}: ${bug.column === undefined ? '' : `${bug.column}: `}${bug.code}: ${bug.detail}`,
    }),
  );
  const first = dataBugs[0];
  const named = `${first?.column === undefined ? '' : `"${first.column}" `}${first?.code ?? ''}`;
  const more = dataBugs.length > 1 ? ` and ${dataBugs.length - 1} more` : '';
  return {
    decision: 'hold',
    because: { condition: 'data-bug', state: 'fired', of },
    summary: `the data looks broken: ${named}${more}`,
  };
}

function holdsUnclear({ unclear = [], unclearHolds = [], ...situation }: Situation): Verdict | undefined {
  const because = holdUnclear({ ...situation, unclear, unclearHolds });
  if (because === undefined) return undefined;
  const columns = unclear.map((one) => `"${one.column ?? one.code}"`).join(', ');
  return { decision: 'hold', because, summary: `a fault or a changed world in ${columns}: ${because.detail ?? ''}` };
}

const forced = ({ forcedBecause }: Situation): Verdict => ({
  decision: 'retrain',
  because: { condition: 'forced', state: 'fired', detail: forcedBecause ?? '--force' },
  summary: `requested with --force${forcedBecause === undefined ? '' : `: ${forcedBecause}`}`,
});

function noChampion({ attempts = [], now }: Situation): Verdict {
  const summary = 'no version serves yet';
  const because: EvaluatedCondition = { condition: 'no-champion', state: 'fired', detail: summary };
  const delayed = backOff(because, { attempts, now });
  return delayed === undefined
    ? { decision: 'retrain', because, summary }
    : waits({ because, why: summary, blocked: delayed });
}

const waits = (stopped: {
  readonly because: EvaluatedCondition;
  readonly why: string;
  readonly blocked: EvaluatedCondition;
}): Verdict => ({
  decision: 'wait',
  because: { condition: 'all', state: 'not-fired', of: [stopped.because, stopped.blocked] },
  summary: `${stopped.why}, but ${stopped.blocked.detail ?? stopped.blocked.condition}`,
});

function pauses({ spec, failuresInARow, refusalsInARow = 0, refusedBy, pausedBy }: Situation): Verdict | undefined {
  if (pausedBy !== undefined) {
    const detail = `${pausedBy.actor}, ${toIso(pausedBy.since)}: ${pausedBy.reason}`;
    return {
      decision: 'paused',
      because: { condition: 'paused-by-hand', state: 'fired', since: pausedBy.since, detail },
      summary: `paused by ${detail}; "refit resume" ends it`,
    };
  }
  const limit = spec?.pauseAfterFailures ?? PAUSE_AFTER_FAILURES;
  if (failuresInARow >= limit)
    return {
      decision: 'paused',
      because: { condition: 'paused', state: 'fired', measured: failuresInARow, threshold: limit },
      summary: `the last ${failuresInARow} retrains failed; fix the cause, then "refit resume", or use --force once`,
    };
  const most = spec?.pauseAfterRefusals ?? PAUSE_AFTER_REFUSALS;
  if (refusalsInARow < most) return undefined;
  return {
    decision: 'paused',
    because: { condition: 'paused-by-refusals', state: 'fired', measured: refusalsInARow, threshold: most },
    summary: `the gate refused the last ${refusalsInARow === 1 ? 'candidate' : `${refusalsInARow} candidates`}${refusedBy === undefined ? '' : ` (${refusedBy})`}; change data, code or gate, then "refit resume", or use --force once`,
  };
}

/** A command that cannot answer is a fault that nobody would otherwise hear of. */
function quietSummary(tree: EvaluatedCondition): string {
  const [mute] = muteCommands(tree);
  return mute === undefined
    ? 'no trigger fired'
    : `no trigger fired, and a command could not answer: ${mute.detail ?? ''}`;
}

function byConditions(situation: Situation): Verdict {
  const tree = situation.conditions ?? { condition: 'any', state: 'not-fired' as const, of: [] };
  const isSuggested = tree.state === 'suggests';
  if (tree.state !== 'fired' && !isSuggested) return { decision: 'wait', because: tree, summary: quietSummary(tree) };
  const fired = firedLeaves(tree).filter((one) => isSuggested || one.state === 'fired');
  const why =
    fired.map((one) => `${one.condition}${one.detail === undefined ? '' : ` (${one.detail})`}`).join(', ') ||
    tree.condition;
  const blocked = blockedBy(situation);
  if (blocked !== undefined) return waits({ because: tree, why, blocked });
  if (!isSuggested && situation.spec?.mode !== 'suggest') {
    const delayed = backOff(tree, { attempts: situation.attempts ?? [], now: situation.now });
    if (delayed !== undefined) return waits({ because: tree, why, blocked: delayed });
    return { decision: 'retrain', because: tree, summary: why };
  }
  const standing = standingSuggestion(situation, fired);
  if (standing === undefined) return { decision: 'suggest', because: tree, summary: why };
  const because: EvaluatedCondition = { condition: 'all', state: 'not-fired', of: [tree, standing] };
  return { decision: 'wait', because, summary: `${why}; ${standing.detail ?? ''}` };
}

/** An unanswered suggestion is not repeated at every tick, but only if it still holds after `again`. */
function standingSuggestion(
  { suggested = [], spec, now }: Situation,
  fired: readonly EvaluatedCondition[],
): EvaluatedCondition | undefined {
  const leaves = spec === undefined ? [] : leavesOf(spec.when);
  const wanted = fired.flatMap(({ ids = [], key }) =>
    ids.map((id) => ({ id, againMs: leaves.find((leaf) => keyOf(leaf) === key)?.againMs ?? AGAIN_MS })),
  );
  const found = wanted.map(({ id, againMs }) =>
    suggested.find((one) => one.ids.includes(id) && now - one.now < againMs),
  );
  const newest = found.reduce((last, one) => (last === undefined || (one?.now ?? 0) > last.now ? one : last), found[0]);
  if (newest === undefined || found.includes(undefined)) return undefined;
  return {
    condition: 'suggested',
    state: 'not-fired',
    since: newest.now,
    detail: `${newest.id} suggested it ${formatDuration(now - newest.now)} ago`,
  };
}

/** Cooldown and limit delay a retrain. They never cause one. */
function blockedBy({ spec, retrainedAt, now }: Situation): EvaluatedCondition | undefined {
  const last = retrainedAt[0];
  if (spec?.cooldownMs !== undefined && last !== undefined && now - last < spec.cooldownMs)
    return {
      condition: 'cooldown',
      state: 'not-fired',
      measured: formatDurationBeside(now - last, spec.cooldownMs),
      threshold: formatDuration(spec.cooldownMs),
      detail: `the last retrain was ${formatDurationBeside(now - last, spec.cooldownMs)} ago (cooldown ${formatDuration(spec.cooldownMs)})`,
    };
  const limit = spec?.limit;
  if (limit === undefined) return undefined;
  const recent = retrainedAt.filter((at) => now - at < limit.perMs);
  if (recent.length < limit.runs) return undefined;
  return {
    condition: 'limit',
    state: 'not-fired',
    measured: recent.length,
    threshold: limit.runs,
    detail: `${recent.length} retrains since ${toIso(recent.at(-1) ?? now)} (limit ${limit.runs} per ${formatDuration(limit.perMs)})`,
  };
}
