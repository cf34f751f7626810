import { z } from 'zod';
import { DATED_FORMS, WINDOW_REASONS } from '../../domain/data/training-window.js';
import { count, findingId, hash, label, text } from './values.js';

/**
 * The JSON documents in columns. They are kept as they came, and the code that reads a column trusts its type, so every part
 * that such code reaches into has its form here. What is only shown may have any further entries.
 */

const finite = z.number();
const instant = z.int().min(-8.64e15).max(8.64e15);
const MOST_CONDITIONS = 10_000;
const loose = z.looseObject;
const optional = <T extends z.ZodType>(form: T) => form.optional();

export const metrics = z.record(label, finite);
export const unusable = z.record(label, text);
export const slices = z.record(text, z.record(text, z.record(text, finite)));

export const gateChecks = z.array(
  loose({
    name: text,
    verdict: z.enum(['pass', 'fail', 'not-applicable']),
    observed: optional(finite),
    limit: optional(finite),
    detail: text,
    champion: optional(finite),
    championVerdict: optional(z.enum(['pass', 'fail'])),
  }),
);

export const condition: z.ZodType = z.lazy(() =>
  loose({
    condition: text,
    state: z.enum(['fired', 'suggests', 'not-fired', 'undecided']),
    detail: optional(text),
    since: optional(instant),
    windowEnd: optional(instant),
    held: optional(z.boolean()),
    key: optional(text),
    ids: optional(z.array(text)),
    heldPeriod: optional(loose({ from: instant, heldAt: instant, isInterrupted: optional(z.boolean()) })),
    // decisions of older versions
    episode: optional(loose({ from: instant })),
    of: optional(z.array(condition).max(MOST_CONDITIONS)),
  }),
);

const verdict = z.enum(['drift', 'stable', 'undecided']);
export const decidedDrift = loose({ verdict, drifted: z.array(text), total: count });

const datedChange = loose({
  verdict: z.enum(['drift', 'performance']),
  subject: text,
  form: z.enum(DATED_FORMS),
  earliest: instant,
  latest: instant,
  complete: optional(instant),
});
export const trainingWindows = z.array(
  loose({
    dataset: label,
    from: optional(instant),
    until: instant,
    because: z.enum(WINDOW_REASONS),
    change: optional(datedChange),
    detail: text,
  }),
);
export const decidedWindows = loose({ changes: z.array(datedChange), windows: trainingWindows });

const rowsIn = loose({
  since: optional(instant),
  until: optional(instant),
  datasets: optional(z.array(label)),
  isPrepared: optional(z.boolean()),
});

const value = z.union([z.string(), finite]);
const columnType = z.enum(['number', 'integer', 'text', 'boolean', 'timestamp']);
/** Rows of a finding, as data. Of a rule only the kind is here: `withoutSql` takes its text away. */
const rowSelection = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('missing'), column: z.string() }),
  z.strictObject({ kind: z.literal('present'), column: z.string() }),
  z.strictObject({ kind: z.literal('outside'), column: z.string(), lower: optional(finite), upper: optional(finite) }),
  z.strictObject({
    kind: z.literal('one-of'),
    column: z.string(),
    values: z.array(value).min(1),
    length: optional(count),
  }),
  z.strictObject({
    kind: z.literal('respelled'),
    column: z.string(),
    by: z.enum(['trim', 'lower', 'trim-lower', 'without-zero-decimals']),
  }),
  z.strictObject({
    kind: z.literal('breaks'),
    sqlType: optional(z.string()),
    predicate: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('present'), column: z.string() }),
      z.strictObject({ kind: z.literal('reads-as'), column: z.string(), type: columnType }),
      z.strictObject({
        kind: z.literal('in-range'),
        column: z.string(),
        lower: optional(finite),
        upper: optional(finite),
      }),
      z.strictObject({
        kind: z.literal('one-of'),
        column: z.string(),
        values: z.array(z.union([value, z.boolean()])).min(1),
      }),
      z.strictObject({ kind: z.literal('rule'), sql: z.string() }),
    ]),
  }),
]);

export const finding = loose({
  id: findingId,
  code: text,
  dataset: optional(text),
  column: optional(text),
  severity: z.enum(['error', 'unclear', 'warning']),
  detail: text,
  rows: optional(count),
  likelyCause: optional(text),
  repair: optional(text),
  evidence: loose({}),
  selects: optional(rowSelection),
  rowsIn: optional(rowsIn),
  readings: optional(z.array(loose({ as: z.enum(['bug', 'normal']), text, command: optional(text) }))),
  calls: optional(loose({ answered: count, bugs: count })),
});

const estimate = loose({ value: finite, standardError: finite, lower: finite, upper: finite, rows: count });
const referenceLevel = loose({
  level: finite,
  levelVariance: finite,
  spreadVariance: finite,
  freedom: finite,
  correlation: finite,
});
const level = loose({ value: finite, lower: finite, upper: finite, items: count });
const window = loose({
  from: instant,
  to: instant,
  predictions: count,
  labelled: count,
  estimate: optional(estimate),
});
const change = loose({
  form: text,
  kind: text,
  since: instant,
  sinceLower: instant,
  sinceUpper: instant,
  until: optional(instant),
  returnedTo: optional(z.union([loose({ model: text, version: count }), loose({ from: instant, to: instant })])),
  error: text,
  before: level,
  after: level,
  sentence: text,
});
const episode = loose({
  since: instant,
  opened: instant,
  before: referenceLevel,
  now: finite,
  ageMs: finite,
  bad: estimate,
  isConfirmed: z.boolean(),
  trainings: loose({ total: count, refused: count }),
  finding: optional(findingId),
});

export const episodeFacts = loose({
  before: referenceLevel,
  bad: estimate,
  isConfirmed: z.boolean(),
  change: optional(change),
});

export const performanceReport = loose({
  verdict,
  undecidedBecause: optional(text),
  detail: text,
  metric: optional(text),
  windowMs: finite,
  delayMs: finite,
  asOf: instant,
  version: optional(loose({ model: text, version: count })),
  current: optional(window),
  windows: z.array(window),
  evidence: optional(estimate),
  reference: optional(finite),
  fall: optional(finite),
  limit: optional(finite),
  drop: optional(finite),
  spread: optional(finite),
  metrics: z.record(text, estimate),
  segments: z.array(
    loose({
      column: text,
      value: text,
      verdict,
      current: window,
      reference: optional(finite),
      fall: optional(finite),
      limit: optional(finite),
    }),
  ),
  detectors: z.array(loose({ name: text, items: count, alarms: z.array(loose({ at: instant, index: count })) })),
  change: optional(change),
  episode: optional(episode),
  findings: z.array(finding),
  counts: loose({ predictions: count, labelled: count, unusable: count, waiting: count }),
  withoutLabels: optional(
    loose({
      predictionDrift: optional(loose({ verdict, score: optional(finite), limit: optional(finite) })),
      estimated: optional(loose({ metric: text, value: finite, comparedWith: text })),
    }),
  ),
  earned: z.array(loose({ name: text, model: text, version: count, metrics: z.record(text, finite) })),
});

const column = loose({
  name: z.string(),
  type: z.enum(['number', 'integer', 'text', 'boolean', 'timestamp', 'other']),
  sqlType: text,
  isDayFirst: optional(z.boolean()),
  rows: count,
  missing: count,
  notFinite: count,
  distinct: count,
  numeric: optional(
    loose({
      min: finite,
      max: finite,
      mean: finite,
      sd: finite,
      zeros: count,
      negatives: count,
      quantiles: z.array(finite),
      counts: optional(z.array(count)),
    }),
  ),
  categories: optional(loose({})),
  text: optional(loose({})),
  counted: optional(z.array(finite)),
  history: optional(z.array(z.array(finite))),
});

export const profile = loose({
  format: z.int(),
  rows: count,
  duplicateRows: optional(count),
  time: optional(loose({ column: text, from: instant, to: instant })),
  columns: z.array(column),
  faults: optional(z.array(loose({ kind: text }))),
  countedFor: optional(text),
});

export const trigger = loose({ kind: text, detail: optional(text), since: optional(instant) });
const paramValue = z.union([z.string(), finite, z.boolean(), z.null(), z.array(z.json())]);
export const params = z.record(text, paramValue);
export const code = loose({
  commit: optional(z.string().regex(/^[0-9a-f]{40,64}$/, 'not a commit')),
  committedAt: optional(instant),
  branch: optional(text),
  isDirty: z.boolean(),
  diff: optional(hash),
  untracked: z.array(text),
  problem: optional(loose({ reason: text, mend: text })),
});
export const environment = loose({
  host: text,
  platform: text,
  tools: z.record(text, text),
  hardware: optional(loose({ cpus: finite, memoryBytes: finite })),
  packages: optional(z.record(text, hash)),
  origin: optional(
    loose({
      system: text,
      id: text,
      name: optional(text),
      experiment: text,
      status: text,
      tags: z.record(text, text),
      datasets: z.array(loose({ name: text, digest: text, source: text })),
      metrics: z.record(text, text),
      ended: optional(z.record(text, text)),
      missing: z.array(text),
    }),
  ),
});
export const processIdentity = loose({ pid: z.int(), startTime: text, bootId: text });
export const reasons = z.array(loose({ code: text, detail: text, before: optional(text), after: optional(text) }));
export const parts = z.record(text, text);
/** Its code is looked up when it is shown; one that this version does not know is shown as it is. */
export const failure = loose({ code: z.string().regex(/^[a-z-]{1,60}$/) });
export const attemptOutcome = z.union([
  loose({ kind: z.literal('exited'), exitCode: z.int() }),
  loose({ kind: z.literal('signalled'), signal: z.string().max(20) }),
  loose({ kind: z.enum(['timed-out', 'cancelled']) }),
  loose({ kind: z.literal('not-started'), reason: text }),
  loose({ kind: z.literal('job-ended'), reason: z.string().regex(/^[a-z-]{1,60}$/) }),
]);
