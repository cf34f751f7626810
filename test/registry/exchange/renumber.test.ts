import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VersionNumber } from '../../../src/domain/exchange/exchange.js';
import type { Codec } from '../../../src/registry/exchange/codec.js';
import { planRenumbering, settleNumbers } from '../../../src/registry/exchange/renumber.js';

const version = (run: string, number: number, model = 'm'): VersionNumber => ({
  model,
  run,
  at: '2026-01-01',
  version: number,
});

describe('the numbers that versions here get', () => {
  let db: Database.Database;
  beforeEach(() => {
    db = new Database(':memory:');
    db.exec('CREATE TABLE model_version(model TEXT, run TEXT, registered_at TEXT, version INTEGER) STRICT');
  });
  afterEach(() => void db.close());

  /** Changes as "run: former → version". */
  function plan(here: readonly VersionNumber[], settled: readonly VersionNumber[], sent: readonly string[] = []) {
    db.exec('DELETE FROM model_version');
    for (const one of here)
      db.prepare('INSERT INTO model_version VALUES (?, ?, ?, ?)').run(one.model, one.run, one.at, one.version);
    const statement = ((sql: string) => db.prepare(sql)) as unknown as Codec['statement'];
    const changes = planRenumbering({ statement } as Codec, settled, ({ run }) => sent.includes(run));
    return changes.map((one) => `${one.run}: ${one.former} → ${one.version}`);
  }

  it('stay if no other version has them', () => {
    expect(plan([version('a', 1), version('b', 2)], [version('c', 3)])).toEqual([]);
  });

  it('make room for numbers that the log has fixed, beyond every number in use', () => {
    expect(plan([version('a', 1), version('b', 2)], [version('c', 1)])).toEqual(['a: 1 → 3']);
    expect(plan([version('a', 1), version('b', 2)], [version('c', 1), version('d', 2)])).toEqual([
      'a: 1 → 3',
      'b: 2 → 4',
    ]);
    expect(plan([version('x', 1, 'n')], [version('c', 1)])).toEqual([]);
  });

  it('are those that the log has fixed for these very versions', () => {
    expect(plan([version('a', 1), version('b', 2)], [version('a', 2), version('c', 1)])).toEqual([
      'a: 1 → 2',
      'b: 2 → 3',
    ]);
  });

  it('are the first ones that the log has fixed, where it says a second', () => {
    expect(plan([version('a', 1)], [version('a', 1), version('b', 2), version('a', 3)])).toEqual([]);
    expect(plan([version('a', 1), version('b', 2)], [version('a', 3)], ['a', 'b'])).toEqual([]);
    expect(plan([version('a', 1), version('x', 3)], [version('a', 3)], ['a'])).toEqual([]);
  });

  it('follow the log where it gave them to others before these versions were sent', () => {
    expect(
      plan([version('a', 6), version('b', 7)], [version('c', 6), version('a', 7), version('b', 8)], ['a', 'b']),
    ).toEqual(['a: 6 → 7', 'b: 7 → 8']);
  });

  it('never change once they were sent: others know them by their number', () => {
    expect(plan([version('a', 1), version('b', 2)], [version('c', 1)], ['a'])).toEqual([]);
    expect(plan([version('a', 1), version('b', 2), version('d', 3)], [version('c', 2)], ['a', 'd'])).toEqual([
      'b: 2 → 4',
    ]);
  });
});

describe('the numbers that a push settles', () => {
  const none = () => [];

  it('are the own ones, and beyond all others where one is taken', () => {
    expect(settleNumbers([version('a', 1), version('b', 2)], [], none)).toEqual([version('a', 1), version('b', 2)]);
    expect(settleNumbers([version('a', 1), version('b', 2)], [version('c', 1)], none)).toEqual([
      version('a', 2),
      version('b', 3),
    ]);
    expect(settleNumbers([version('a', 1)], [version('c', 1), version('d', 7)], none)).toEqual([version('a', 8)]);
  });

  it('leave out those of versions here that are not sent now', () => {
    expect(settleNumbers([version('b', 1)], [], () => [version('b', 1), version('z', 1)])).toEqual([version('b', 2)]);
  });

  it('are counted for each model apart', () => {
    expect(settleNumbers([version('a', 1, 'n')], [version('c', 1)], none)).toEqual([version('a', 1, 'n')]);
  });
});
