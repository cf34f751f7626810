import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { LEDGER_START, type LedgerEntry } from '../../../src/domain/models/ledger.js';
import type { AliasMove } from '../../../src/domain/models/model.js';
import { checkLedger } from '../../../src/models/judge/ledger-chain.js';

const move = (generation: number, to: number, from?: number): AliasMove =>
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
  }) as AliasMove;

const MOVES = [move(1, 1), move(2, 2, 1), move(3, 1, 2)];

function chain(moves: readonly AliasMove[]): LedgerEntry[] {
  let previous = LEDGER_START;
  return moves.map(({ model, kind, alias, generation, from, to, toHash, reason, isForced, actor }, i) => {
    const facts = { alias, generation, from: from ?? null, to, hash: toHash, reason, forced: isForced, actor };
    const text = JSON.stringify({ sequence: i + 1, kind, model, ...facts });
    const hash = createHash('sha256').update(`${previous}\n${text}`).digest('hex');
    const entry = { sequence: i + 1, model, kind, text, previous, hash };
    previous = hash;
    return entry;
  });
}

const problems = (entries: readonly LedgerEntry[], moves = MOVES): readonly string[] =>
  checkLedger(entries, moves).map((problem) => `${problem.code} ${problem.sequence}`);

it('finds nothing in a ledger that is as it was written, nor in a registry of before there was one', () => {
  expect(problems(chain(MOVES))).toEqual([]);
  expect(problems([])).toEqual([]);
});

it('finds a text that was changed, also with a hash that fits it', () => {
  const entries = chain(MOVES);
  const changed = entries.map((one, i) => (i === 1 ? { ...one, text: one.text.replace('"r"', '"better"') } : one));
  expect(problems(changed)).toContain('entry-changed 2');
  const text = changed[1]?.text ?? '';
  const fitting = changed.map((one, i) =>
    i === 1 ? { ...one, hash: createHash('sha256').update(`${one.previous}\n${text}`).digest('hex') } : one,
  );
  expect(problems(fitting)).toEqual(expect.arrayContaining(['entry-changed 3', 'entry-changed 2']));
});

it('finds entries that were taken out, in the middle and at the end', () => {
  const entries = chain(MOVES);
  expect(problems(entries.filter((_, i) => i !== 1))).toContain('entry-missing 3');
  expect(problems(entries.slice(0, 2))).toEqual(['entry-missing 2']);
});

it('finds moves that the history lost or tells otherwise, and gaps in it', () => {
  const entries = chain(MOVES);
  expect(problems(entries, MOVES.slice(0, 2))).toContain('entry-unknown 3');
  expect(problems(entries, [move(1, 1), move(2, 3, 1), move(3, 1, 3)])).toContain('entry-changed 2');
  expect(problems(entries, [move(1, 1), move(3, 1, 2)])).toContain('history-gap 3');
  expect(problems([], [move(1, 1), move(1, 2)])).toContain('history-gap 0');
});
