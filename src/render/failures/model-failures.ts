import { listOf, type TextsOf } from './failure-words.js';

/** Failures of models: missing models, evaluations, the gate, publishing and hooks. */
export const modelFailures = {
  'model-missing': (failure) => ({
    what: `the model "${failure.path}" of ${failure.pipeline} is not there`,
    next: `run it: refit run ${failure.pipeline}`,
  }),
  'evaluation-invalid': (failure) => ({
    what: `the evaluation of ${failure.version} at ${failure.path} is invalid: ${failure.problem}`,
    next: 'let "evaluate" write a JSON object of metrics there',
  }),
  'promotion-refused': (failure) => ({
    what: `the gate refuses ${failure.version}: ${listOf(failure.checks)}`,
    next: 'train a better one, or promote --force --reason "…"',
  }),
  'publish-conflict': (failure) => ({
    what: `${failure.model} was published by another command meanwhile (${failure.found}, expected ${failure.expected})`,
    next: 'see "refit models" and try again',
  }),
  'champion-overtaken': (failure) => ({
    what: `${failure.ours} is not the champion at ${failure.remote}: ${failure.theirs} was pushed first; your runs and versions are there, the promotion is not`,
    next: `refit pull ${failure.remote}, then judge again: refit retrain, or refit promote, and push`,
  }),
  'hook-failed': (failure) => ({
    what: `${failure.hook} failed`,
    lines: failure.reason.split('\n'),
    next: 'fix it and publish again; "refit status" says what serves now',
  }),
} satisfies Partial<TextsOf>;
