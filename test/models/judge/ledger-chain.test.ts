import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { LEDGER_START, type LedgerEntry } from '../../../src/domain/models/ledger.js';
import type { AliasMove } from '../../../src/domain/models/model.js';
import { type Instant, toIso } from '../../../src/domain/support/time.js';
import { checkLedger } from '../../../src/models/judge/ledger-chain.js';

const move = (generation: number, to: number, from?: number, more: Partial<AliasMove> = {}): AliasMove =>
  ({
    model: 'm',
    alias: 'champion',
    generation,
    kind: generation === 3 ? 'rollback' : 'promotion',
    from,
    to,
    toHash: `hash of ${to}`,
    reason: 'r',
    isForced: false,
    actor: 'me',
    movedAt: 0,
    now: 0,
    ...more,
  }) as AliasMove;

const MOVES = [move(1, 1), move(2, 2, 1), move(3, 1, 2)];
const NOTE = { kind: 'note', model: 'm', text: 'a good one' };

const hashOf = (previous: string, text: string): string =>
  createHash('sha256').update(`${previous}\n${text}`).digest('hex');

const factsOf = (one: AliasMove) => ({
  kind: one.kind,
  model: one.model,
  alias: one.alias,
  generation: one.generation,
  from: one.from ?? null,
  to: one.to,
  hash: one.toHash,
  reason: one.reason,
  forced: one.isForced,
  actor: one.actor,
  at: toIso(one.movedAt),
  now: toIso(one.now),
  decision: one.decision ?? null,
  trigger: one.trigger ?? null,
});

/** A ledger that tells these facts, every entry following the one before it. */
function chain(facts: readonly Readonly<Record<string, unknown>>[]): LedgerEntry[] {
  let previous = LEDGER_START;
  return facts.map((one, i) => {
    const text = JSON.stringify({ sequence: i + 1, ...one });
    const hash = hashOf(previous, text);
    const entry = { sequence: i + 1, model: one.model, kind: one.kind, text, previous, hash } as LedgerEntry;
    previous = hash;
    return entry;
  });
}

const told = (moves: readonly AliasMove[]): LedgerEntry[] => chain(moves.map(factsOf));

const problems = (entries: readonly LedgerEntry[], moves = MOVES): readonly string[] =>
  checkLedger(entries, moves).map((problem) => `${problem.code} ${problem.sequence}`);

const details = (entries: readonly LedgerEntry[], moves = MOVES): readonly string[] =>
  checkLedger(entries, moves).map((problem) => problem.detail);

it('finds nothing in an unchanged ledger, nor in a registry from before the ledger', () => {
  expect(problems(told(MOVES))).toEqual([]);
  expect(problems([])).toEqual([]);
  expect(problems([], [])).toEqual([]);
});

it('requires no move for entries of other kinds, and separates aliases and models', () => {
  const moves = [
    move(1, 1),
    move(1, 5, undefined, { model: 'n' as AliasMove['model'] }),
    move(1, 2, undefined, { alias: 'shadow' }),
    move(2, 2, 1),
    move(2, 3, 2, { alias: 'shadow' }),
    move(2, 6, 5, { model: 'n' as AliasMove['model'] }),
  ];
  const facts = moves.map(factsOf);
  expect(problems(chain([...facts.slice(0, 3), NOTE, ...facts.slice(3)]), moves)).toEqual([]);
  expect(problems(chain([...facts, NOTE]), [...moves].reverse())).toEqual([]);
});

describe('the chain', () => {
  const entries = told(MOVES);
  const changedAt = (at: number, change: (entry: LedgerEntry) => Partial<LedgerEntry>): readonly LedgerEntry[] =>
    entries.map((entry, i) => (i === at ? { ...entry, ...change(entry) } : entry));

  it('finds a text that was changed, also with a hash that fits it', () => {
    const changed = changedAt(1, ({ text }) => ({ text: text.replace('"r"', '"better"') }));
    expect(problems(changed)).toEqual(['entry-changed 2', 'entry-changed 2']);
    expect(details(changed)).toEqual([
      'entry 2 (promotion) is not what was written',
      'the history and the ledger disagree on the promotion 1 → 2 of m (generation 2)',
    ]);
    const fitting = changed.map((one, i) => (i === 1 ? { ...one, hash: hashOf(one.previous, one.text) } : one));
    expect(problems(fitting)).toEqual(['entry-changed 3', 'entry-changed 2']);
    expect(details(fitting)[0]).toBe('entry 3 does not follow the one before it');
  });

  it.each<readonly [field: string, change: (entry: LedgerEntry) => Partial<LedgerEntry>]>([
    ['hash', () => ({ hash: 'f'.repeat(64) })],
    ['previous', () => ({ previous: 'f'.repeat(64) })],
    ['kind', () => ({ kind: 'note' })],
    ['model', () => ({ model: 'other' })],
    [
      'sequence in the text',
      ({ text, previous }) => {
        const said = text.replace('"sequence":2', '"sequence":9');
        return { text: said, hash: hashOf(previous, said) };
      },
    ],
  ])('finds another %s of one entry', (_, change) => {
    expect(problems(changedAt(1, change)).some((one) => one.startsWith('entry-changed'))).toBe(true);
    // of the last entry too, which none follows
    const last = changedAt(2, (entry) => {
      const { text, ...more } = change(entry);
      return text === undefined ? more : { ...more, text: text.replace('"sequence":3', '"sequence":9') };
    });
    expect(problems(last)).not.toEqual([]);
  });

  it('finds entries that were taken out, at the beginning, in the middle and at the end', () => {
    expect(problems(entries.slice(1))).toEqual(['entry-missing 2', 'entry-missing 3']);
    expect(details(entries.slice(1))).toEqual([
      'no entry between 0 and 2',
      'the ledger has no entry for the promotion – → 1 of m (generation 1)',
    ]);
    expect(problems(entries.filter((_, i) => i !== 1))).toEqual(['entry-missing 3', 'entry-missing 3']);
    expect(details(entries.filter((_, i) => i !== 1))[0]).toBe('no entry between 1 and 3');
    expect(problems(entries.slice(0, 2))).toEqual(['entry-missing 2']);
  });

  it('begins at a fixed hash', () => {
    const first = { ...(entries[0] as LedgerEntry), previous: 'f'.repeat(64) };
    const fitting = { ...first, hash: hashOf(first.previous, first.text) };
    expect(problems([fitting], MOVES.slice(0, 1))).toEqual(['entry-changed 1']);
  });
});

describe('the history of the aliases', () => {
  const changes: readonly (readonly [field: string, Partial<AliasMove>])[] = [
    ['kind', { kind: 'promotion' }],
    ['to', { to: 7 }],
    ['toHash', { toHash: 'another' as AliasMove['toHash'] }],
    ['isForced', { isForced: true }],
    ['reason', { reason: 'another' }],
    ['actor', { actor: 'somebody' }],
    ['movedAt', { movedAt: 1 as Instant }],
    ['now', { now: 1 as Instant }],
    ['decision', { decision: 'd-1' as AliasMove['decision'] }],
    ['trigger', { trigger: 'schedule' }],
  ];

  it.each(changes)('is compared with the ledger in its %s', (_, more) => {
    const moves = MOVES.map((one, i) => (i === 2 ? { ...one, ...more } : one));
    expect(problems(told(MOVES), moves)).toEqual(['entry-changed 3']);
  });

  it('is compared by where a move starts, also if it has no start', () => {
    const elsewhere = [move(1, 1), move(2, 2, 7), move(3, 1, 2)];
    expect(problems(told(MOVES), elsewhere)).toEqual(['entry-changed 2', 'history-gap 3']);
    expect(problems(told([move(1, 1, 4)]), [move(1, 1)])).toEqual(['entry-changed 1']);
  });

  it('lacks a move that is in the ledger', () => {
    expect(problems(told(MOVES), MOVES.slice(0, 2))).toEqual(['entry-unknown 3']);
    expect(details(told(MOVES), MOVES.slice(0, 2))).toEqual(['entry 3 records a rollback that is not in the history']);
    expect(problems(told(MOVES), [])).toEqual(['entry-unknown 1', 'entry-unknown 2', 'entry-unknown 3']);
  });

  it('has a gap if a generation is missing or repeated, or a move does not start where the last one ended', () => {
    expect(problems(told(MOVES), [move(1, 1), move(3, 1, 2)])).toEqual(['entry-unknown 2', 'history-gap 3']);
    expect(problems([], [move(1, 1), move(1, 2)])).toEqual(['history-gap 0']);
    expect(problems([], [move(1, 1), move(2, 3, 2)])).toEqual(['history-gap 0']);
    expect(problems([], [move(1, 1), move(3, 3, 1)])).toEqual(['history-gap 0']);
    expect(problems([], [move(2, 1)])).toEqual(['history-gap 0']);
    expect(details([], [move(1, 1), move(3, 3, 1)])).toEqual(['m: move 3 (1 → 3) does not follow move 1']);
    expect(details([], [move(2, 1)])).toEqual(['m: move 2 (– → 1) does not follow move 0']);
  });

  it('is read in the order of its generations', () => {
    expect(problems([], [...MOVES].reverse())).toEqual([]);
  });
});
