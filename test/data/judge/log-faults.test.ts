import { describe, expect, it } from 'vitest';
import { findLogFaults } from '../../../src/data/judge/log-faults.js';
import type { LogCounts } from '../../../src/domain/ports/prediction-log.js';
import { DAY_MS, instantOf } from '../../../src/domain/support/time.js';

const asOf = instantOf(Date.parse('2026-03-08T00:00:00Z'));
const from = instantOf(asOf - DAY_MS);
const good: LogCounts = {
  rows: 1000,
  unusable: 0,
  labels: 800,
  labelled: 800,
  unusableLabels: 0,
  absent: [],
  to: instantOf(asOf - 1),
};

interface Case {
  readonly counts?: Partial<LogCounts>;
  readonly window?: { readonly predictions: number; readonly labelled: number };
  readonly servedSince?: number;
}
const find = ({ counts, window = { predictions: 100, labelled: 80 }, servedSince }: Case) =>
  findLogFaults({
    counts: { ...good, ...counts },
    current: { from, until: asOf, values: {}, ...window } as unknown as Parameters<typeof findLogFaults>[0]['current'],
    asOf,
    windowMs: DAY_MS,
    servedSince: servedSince === undefined ? undefined : instantOf(servedSince),
  });
const codes = (one: Case): readonly string[] => find(one).map((found) => `${found.severity} ${found.code}`);

describe('faults of a prediction log', () => {
  it.each<[string, Case, readonly string[]]>([
    ['a good log', {}, []],
    ['no log yet', { counts: { rows: 0, labels: 0, labelled: 0, to: undefined } }, []],
    ['the newest prediction as the window begins', { counts: { to: from } }, []],
    ['just older', { counts: { to: instantOf(from - 1) } }, ['error stale']],
    [
      'a version served just as the window begins',
      { counts: { to: instantOf(from - 1) }, servedSince: from },
      ['error stale'],
    ],
    ['a version served since then', { counts: { to: instantOf(from - 1) }, servedSince: from + 1 }, []],
    [
      'no label with a known key',
      { counts: { labels: 5, labelled: 0 }, window: { predictions: 100, labelled: 0 } },
      ['error keys-differ'],
    ],
    ['one label with a known key', { counts: { rows: 1000, labels: 5, labelled: 1 } }, []],
    [
      'labels without any prediction',
      { counts: { rows: 0, labels: 5, labelled: 0, to: undefined }, window: { predictions: 0, labelled: 0 } },
      [],
    ],
    ['no labels anywhere', { counts: { labels: 0, labelled: 0 }, window: { predictions: 100, labelled: 0 } }, []],
    ['no label in the window', { window: { predictions: 100, labelled: 0 } }, ['error labels-stopped']],
    ['no prediction in the window', { window: { predictions: 0, labelled: 0 } }, []],
    ['half of the usual labels', { window: { predictions: 100, labelled: 40 } }, []],
    ['fewer', { window: { predictions: 100, labelled: 39 } }, ['warning labels-missing']],
    ['1 % unusable rows', { counts: { rows: 990, unusable: 10 } }, []],
    ['more', { counts: { rows: 989, unusable: 11 } }, ['warning unusable-rows']],
    ['a label that is no number', { counts: { unusableLabels: 1 } }, ['warning unusable-labels']],
    [
      'none that is',
      { counts: { labels: 0, labelled: 0, unusableLabels: 3 }, window: { predictions: 9, labelled: 0 } },
      ['error unusable-labels'],
    ],
  ])('%s', (_, one, expected) => {
    expect(codes(one)).toEqual(expected);
  });

  it('come before warnings where they are errors', () => {
    expect(codes({ counts: { unusable: 500, labels: 0, labelled: 0, unusableLabels: 3, to: instantOf(0) } })).toEqual([
      'error stale',
      'error unusable-labels',
      'warning unusable-rows',
    ]);
  });

  it.each<[string, Case, object]>([
    [
      'a log that stopped',
      { counts: { to: instantOf(asOf - 2 * DAY_MS) } },
      {
        dataset: 'predictions',
        detail: 'the newest prediction is of 2026-03-06T00:00:00.000Z, 2d before the end of the window',
        evidence: { age_ms: 2 * DAY_MS, limit_ms: DAY_MS },
      },
    ],
    [
      'other keys',
      { counts: { labels: 5, labelled: 0 }, window: { predictions: 0, labelled: 0 } },
      {
        dataset: 'labels',
        detail: 'none of 5 labels has the key of a prediction',
        likelyCause: 'the key columns hold different ids',
        evidence: { labels: 5 },
      },
    ],
    [
      'labels that stopped',
      { window: { predictions: 100, labelled: 0 } },
      {
        dataset: 'labels',
        detail: 'none of 100 predictions since 2026-03-07T00:00:00.000Z has a label, earlier ones have',
        likelyCause: 'the feed of labels has stopped, or they take longer than "delay" says',
        evidence: { predictions: 100 },
      },
    ],
    [
      'late labels',
      { window: { predictions: 100, labelled: 30 } },
      {
        dataset: 'labels',
        detail: "30 % of the window's predictions have a label, usually 80 % have",
        likelyCause: 'labels take longer than "delay" says',
        evidence: { share: 0.3 },
      },
    ],
    [
      'unusable rows',
      { counts: { unusable: 250 } },
      {
        dataset: 'predictions',
        detail: '250 of 1250 rows have no time or no finite prediction',
        evidence: { bad: 250, rows: 1250 },
      },
    ],
    [
      'unusable labels',
      { counts: { unusableLabels: 3 } },
      { dataset: 'labels', detail: '3 labels are no number, true or false', evidence: { bad: 3, rows: 803 } },
    ],
  ])('%s: says so with figures', (_, one, expected) => {
    expect(find(one)).toMatchObject([expected]);
  });

  it.each([
    [1, '1 line of the logs is no row and was left out; the first is p.csv:7, which is cut off'],
    [2, '2 lines of the logs are no rows and were left out; the first is p.csv:7, which is cut off'],
  ])('names the first of %i broken lines', (rows, detail) => {
    const broken = { rows, first: { file: 'p.csv', line: 7, why: 'cut', text: 'x' } } as const;
    expect(find({ counts: { broken } })).toMatchObject([
      {
        dataset: 'predictions',
        code: 'broken-rows',
        severity: 'warning',
        detail,
        rows,
        evidence: { bad: rows, file: 'p.csv', line: 7, why: 'cut', text: 'x' },
      },
    ]);
  });
});
