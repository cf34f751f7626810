import type { Plan, PlannedStep, Reason } from '../../domain/pipeline/plan.js';
import type { Line, Span } from '../../domain/view.js';
import { dim, toned } from '../../render/parts/parts.js';

/**
 * How the outputs of a pipeline relate to its files. `window-moved`: only the moment differs that a step is given with
 * `${{ now }}`, so a run would make the same of other rows. `new-data`: only datasets have changed. Both are the usual state
 * between two trainings, and `retrain` decides whether one is due. `stale`: code, parameters, inputs or outputs have changed.
 */
export type Freshness = 'fresh' | 'window-moved' | 'new-data' | 'stale' | 'unknown';

/** Parts of a fingerprint that change with every call. */
const TIMES = ['now', 'since', 'run-id'];

export function freshnessOf(plan: Plan | undefined): Freshness {
  if (plan === undefined) return 'unknown';
  const steps = plan.steps.filter((step) => step.action !== 'skip');
  if (steps.length === 0) return 'fresh';
  const reasons = steps
    .flatMap((step) => [...step.reasons, ...(step.ownChanges ?? [])])
    .filter(({ code }) => code !== 'upstream-will-run');
  // To train on from a new champion is possible at any time, and no reason for it.
  const others = reasons.filter(({ code }) => code !== 'champion-changed');
  if (reasons.length > 0 && others.length === 0) return 'fresh';
  if (others.length === 0 || !others.every((reason) => isTime(reason) || isData(reason))) return 'stale';
  return others.every(isTime) ? 'window-moved' : 'new-data';
}

/** The moment itself, or where it cuts the rows of a dataset. */
const isTime = ({ code, detail }: Reason): boolean =>
  (code === 'param-changed' && TIMES.includes(detail)) ||
  (code === 'input-changed' && detail.startsWith('dataset-cut:'));

const isData = ({ dataset }: Reason): boolean => dataset !== undefined;

export const staleSteps = (plan: Plan): readonly string[] =>
  freshnessOf(plan) === 'fresh'
    ? []
    : plan.steps.filter((step: PlannedStep) => step.action !== 'skip').map((step) => step.name);

/** The state in one word. */
export function freshnessWord(plan: Plan | undefined, problem: string | undefined): Span {
  const freshness = freshnessOf(plan);
  switch (freshness) {
    case 'fresh':
      return toned('fresh', 'good');
    case 'stale':
      return toned('stale', 'warn');
    case 'window-moved':
      return 'window moved';
    case 'new-data':
      return 'new data';
    case 'unknown':
      return toned(problem ?? 'unknown', 'bad');
  }
}

/** The state, with the steps that a run would make again. */
export function freshnessLine(plan: Plan | undefined, problem: string | undefined): Line {
  const word = freshnessWord(plan, problem);
  const named = (action: PlannedStep['action'][]): string =>
    (plan?.steps ?? [])
      .filter((step) => action.includes(step.action))
      .map((step) => step.name)
      .join(', ');
  const again = named(['run', 'restore']);
  const after = waiting(named(['undecided']), again);
  switch (freshnessOf(plan)) {
    case 'stale':
      return [toned(`stale: ${again}`, 'warn'), dim(after)];
    case 'window-moved':
      return [word, dim(`: nothing else has changed; a run would make ${again} again${after}`)];
    case 'new-data':
      return [word, dim(`: a run would make ${again} again${after}`)];
    default:
      return [word];
  }
}

/** Steps that are made again only if what they read differs then. */
const waiting = (steps: string, again: string): string =>
  steps === '' ? '' : `, and ${steps} if ${again} ${again.includes(',') ? 'write' : 'writes'} something else`;
