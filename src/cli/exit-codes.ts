import type { Failure } from '../domain/failure.js';

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  drift: 3,
  data: 4,
  refused: 5,
  busy: 6,
  integrity: 7,
  overtaken: 8,
  bug: 70,
} as const;

const BY_CODE: Partial<Record<Failure['code'], number>> = {
  'invalid-pipeline': EXIT.usage,
  'invalid-filter': EXIT.usage,
  usage: EXIT.usage,
  'no-workspace': EXIT.usage,
  'pipeline-not-found': EXIT.usage,
  'section-missing': EXIT.usage,
  'environment-missing': EXIT.usage,
  'not-found': EXIT.usage,
  'now-before-last-decision': EXIT.usage,
  'path-outside-workspace': EXIT.usage,
  'data-unreadable': EXIT.data,
  'table-malformed': EXIT.data,
  'query-too-slow': EXIT.data,
  'data-outside-workspace': EXIT.data,
  'data-empty': EXIT.data,
  'column-missing': EXIT.data,
  'columns-differ': EXIT.data,
  'source-value-unfit': EXIT.data,
  'source-time-unfit': EXIT.data,
  'source-column-missing': EXIT.data,
  'source-columns-changed': EXIT.data,
  'promotion-refused': EXIT.refused,
  'rollback-refused': EXIT.refused,
  'bytes-removed': EXIT.refused,
  busy: EXIT.busy,
  'orphans-alive': EXIT.busy,
  integrity: EXIT.integrity,
  'registry-corrupt': EXIT.integrity,
  'registry-rewound': EXIT.integrity,
  'champion-overtaken': EXIT.overtaken,
  bug: EXIT.bug,
};

/** Exit code of a failure that ended a command. */
export const exitCodeOf = (failure: Failure): number => BY_CODE[failure.code] ?? EXIT.failed;
