import { expect, it } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-codes.js';
import type { Failure } from '../../src/domain/failure.js';
import { FAILURES } from '../support/failures.js';

/** What scripts rely on. A code that is not named here exits with 1. */
const OTHERS: Partial<Record<Failure['code'], number>> = {
  'invalid-pipeline': 2,
  'invalid-filter': 2,
  usage: 2,
  'no-workspace': 2,
  'pipeline-not-found': 2,
  'section-missing': 2,
  'environment-missing': 2,
  'not-found': 2,
  'now-before-last-decision': 2,
  'path-outside-workspace': 2,
  'data-unreadable': 4,
  'query-too-slow': 4,
  'table-malformed': 4,
  'data-outside-workspace': 4,
  'data-empty': 4,
  'column-missing': 4,
  'columns-differ': 4,
  'source-value-unfit': 4,
  'source-time-unfit': 4,
  'source-column-missing': 4,
  'source-columns-changed': 4,
  'promotion-refused': 5,
  'rollback-refused': 5,
  'bytes-removed': 5,
  'registry-rewound': 7,
  'registry-corrupt': 7,
  busy: 6,
  'orphans-alive': 6,
  integrity: 7,
  'champion-overtaken': 8,
  bug: 70,
};

it.each(Object.values(FAILURES))('$code has its exit code', (failure) => {
  expect(exitCodeOf(failure)).toBe(OTHERS[failure.code] ?? 1);
});
