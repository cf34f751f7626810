import { removedText } from '../../../domain/models/removed.js';
import { listOf, type TextsOf } from './failure-words.js';

/** The whole protocol of evaluation on four lines. */
const EVALUATION = [
  '{ "auc": 0.64,',
  '  "slices": { "origin": { "ATL": { "auc": 0.61, "n": 9120 } } },   // optional',
  '  "predictions": "predictions.csv" }                               // optional: a table beside it, like',
  'id,label,prediction',
];

const NOT_BACK = {
  'never-served': 'has never served',
  'served-by-force': 'has served only because somebody forced it past the gate',
  rejected: 'was rejected by a person',
  'not-approved': 'was never approved, and the pipeline has approval: manual',
} as const;

/** Failures of models: missing models, evaluations, the gate, publishing and hooks. */
export const modelFailures = {
  'model-missing': (failure) => ({
    what: `the model "${failure.path}" of ${failure.pipeline} is not there`,
    next: `run it: refit run ${failure.pipeline}`,
  }),
  'evaluation-invalid': (failure) => ({
    what: `the evaluation of ${failure.version} at ${failure.path} is invalid: ${failure.problem}`,
    lines: EVALUATION,
    next: 'let "evaluate" write such a file; docs/evaluation.md has examples for scikit-learn, PyTorch and R',
  }),
  'promotion-refused': (failure) => ({
    what: `the gate refuses ${failure.version}: ${listOf(failure.checks)}`,
    next: 'train a better one, or promote --force --reason "…"',
  }),
  'rollback-refused': ({ version, because }) => ({
    what: `${version} ${NOT_BACK[because]} (${because}), so nothing was rolled back`,
    next: `name a version that has served ("refit models ${version.split('@')[0]}"), or take the responsibility: refit rollback ${version.split('@')[0]} --to ${version.split('@')[1]} --force --reason "…"; the move is marked for ever`,
  }),
  'bytes-removed': ({ version, by, at, others }) => ({
    what: `the bytes of ${version} are not in the store: ${removedText({ by, at })}`,
    next: `${others.length === 0 ? 'no version that served has its bytes here' : `choose a version whose bytes are here: ${listOf(others)}`}; or serve it on a machine that has them, and push`,
  }),
  'publish-conflict': (failure) => ({
    what: `${failure.model} was published by another command meanwhile (${failure.found}, expected ${failure.expected})`,
    next: 'see "refit models" and try again',
  }),
  'registry-rewound': ({ path, expected, found }) => ({
    what: `${path}: expected ${expected}, found ${found}; nothing was done`,
    next: 'get the newer registry back: refit registry restore <file>, or refit pull <remote>; if it is lost for good, say so: refit registry accept --reason "…"',
  }),
  'champion-overtaken': (failure) => ({
    what: `${failure.ours} is not the champion at ${failure.remote}: ${failure.theirs} was pushed first; your runs and versions are there, the promotion is not`,
    next: `refit pull ${failure.remote}, then judge again: refit retrain, or refit promote, and push`,
  }),
  'hook-failed': (failure) => ({
    what: `${failure.hook} failed`,
    lines: failure.reason.split('\n'),
    next: 'correct it; "refit status" says what serves now, and which command runs its hooks again',
  }),
} satisfies Partial<TextsOf>;
