import type { EvaluatedCondition } from '../../domain/decisions/decision.js';
import type { Measurements } from '../../domain/decisions/measurements.js';
import type { Condition } from '../../domain/pipeline/pipeline.js';
import { applyEdge, keyOf, type Leaf } from './fire-once.js';
import { applyPersistence } from './persistence.js';
import { predictionsMoved } from './triggers/drift.js';
import { measureTrigger } from './triggers/measure-trigger.js';
import { estimatedLoss, measurePerformance } from './triggers/performance.js';
import { isHeld } from './triggers/seen.js';

type State = EvaluatedCondition['state'];

/** Evaluates the declared tree, with the measured values at every node. An undecided leaf does not fire. */
export function evaluateCondition(condition: Condition, measured: Measurements): EvaluatedCondition {
  return evaluate(condition, { measured, consequence: findConsequence(condition, measured) });
}

interface Context {
  readonly measured: Measurements;
  readonly consequence: string | undefined;
  /** Below `not` a trigger counts by whether it holds, not by whether that is news. */
  readonly fires?: 'level';
}

function evaluate(condition: Condition, context: Context): EvaluatedCondition {
  if ('at' in condition) return evaluateLeaf(condition, context);
  if (condition.kind === 'not') {
    const inner = evaluate(condition.of, { ...context, fires: 'level' });
    const state: State = inner.state === 'undecided' ? 'undecided' : isHeld(inner) ? 'not-fired' : 'fired';
    return { condition: 'not', state, of: [inner] };
  }
  const of = condition.of.map((one) => evaluate(one, context));
  return { condition: condition.kind, state: combine(condition.kind, of), of };
}

function combine(kind: 'any' | 'all', of: readonly EvaluatedCondition[]): State {
  const [one, every] = [of.some(isHeld), of.every(isHeld)];
  if (kind === 'any' && of.some(({ state }) => state === 'fired')) return 'fired';
  if (kind === 'all' && of.every(({ state }) => state === 'fired')) return 'fired';
  if (kind === 'any' ? one : every) return 'suggests';
  return of.length > 0 && of.every(({ state }) => state === 'undecided') ? 'undecided' : 'not-fired';
}

function evaluateLeaf(leaf: Leaf, { measured, consequence, ...context }: Context): EvaluatedCondition {
  const fires = leaf.fires ?? context.fires ?? 'edge';
  const seen = { ...measureTrigger(leaf, { measured, consequence, fires }), key: keyOf(leaf) };
  const held = leaf.persist === undefined ? seen : applyPersistence(seen, leaf.persist, measured);
  return applyEdge(held, { ...leaf, fires }, measured);
}

/**
 * Evidence that moved inputs matter: moved predictions, a loss measured by a declared trigger, or an estimated loss
 * while there are no labels.
 */
function findConsequence(condition: Condition, measured: Measurements): string | undefined {
  const watched = leavesOf(condition).flatMap((leaf) => (leaf.kind === 'performance' ? [leaf] : []));
  const lost = watched.map((leaf) => measurePerformance(leaf, measured)).find((one) => one.state === 'fired');
  if (lost !== undefined) return `and ${lost.detail ?? 'the model became worse'}`;
  return predictionsMoved(measured) ?? watched.map((leaf) => estimatedLoss(leaf, measured)).find((one) => one);
}

/** The triggers of a tree, in the order of the file. */
export function leavesOf(condition: Condition): readonly Leaf[] {
  if ('at' in condition) return [condition];
  return condition.kind === 'not' ? leavesOf(condition.of) : condition.of.flatMap(leavesOf);
}

/** Leaves that fired or suggest, in the order of the file. */
export function firedLeaves(tree: EvaluatedCondition): readonly EvaluatedCondition[] {
  if (tree.of === undefined) return isHeld(tree) ? [tree] : [];
  return tree.of.flatMap(firedLeaves);
}

/** The commands of a tree that could not be asked. */
export const muteCommands = (tree: EvaluatedCondition): readonly EvaluatedCondition[] =>
  tree.of === undefined
    ? tree.condition === 'command' && tree.state === 'undecided'
      ? [tree]
      : []
    : tree.of.flatMap(muteCommands);
