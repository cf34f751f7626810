import { afterAll, describe, expect, it } from 'vitest';
import { triage } from '../../../src/data/judge/triage.js';
import { findDataBugs } from '../../../src/drift/find-data-bugs.js';
import { kindsOf, openTables } from '../judge-tables.js';

const { profile, judge, close } = openTables();
afterAll(close);

const rows = (columns: string, count = 1000): string => `SELECT ${columns} FROM range(${count}) t(i)`;
/** Even from 0 to 1. */
const EVEN = '((i * 7919) % 1000) / 1000.0';

describe('what is too little to say', () => {
  it('gives no finding for one 0 among five rows', async () => {
    expect(await judge(rows(`1 + ${EVEN} AS x`), 'SELECT unnest([0, 1.2, 1.4, 1.7, 1.9]) AS x')).toEqual([]);
  });

  it('gives no bug for a constant that begins to vary, or becomes another constant', async () => {
    expect(await judge(rows('0.0 AS x'), rows(`${EVEN} AS x`))).toEqual([]);
    expect(await judge(rows('12 AS month'), rows('1 AS month'))).toEqual([]);
  });
});

describe('what a repair undoes', () => {
  const before = rows(`exp(4 * ${EVEN}) AS x, 100 + ${EVEN} AS y, ['ab', 'cd', 'ef'][1 + i % 3] AS t`);
  const broken = (x: string, y = `100 + ${EVEN}`, t = `['ab', 'cd', 'ef'][1 + i % 3]`): string =>
    rows(`${x} AS x, ${y} AS y, ${t} AS t`);
  const x = `exp(4 * ${EVEN})`;

  it.each([
    ['thousands', broken(`1000 * ${x}`), 'scaled x'],
    ['thousands in a third of the rows', broken(`CASE WHEN i % 3 = 0 THEN 1000 ELSE 1 END * ${x}`), 'scaled x'],
    ['a flipped sign', broken(`-${x}`), 'sign-flipped x'],
    ['padding', broken(x, undefined, `['ab ', 'cd ', 'ef '][1 + i % 3]`), 'respelled t'],
    ['another case', broken(x, undefined, `['AB', 'CD', 'ef'][1 + i % 3]`), 'respelled t'],
    ['a placeholder', broken(x, undefined, `['ab', 'cd', 'n/a'][1 + i % 3]`), 'sentinel t'],
    ['a code for "missing"', broken(`CASE WHEN i % 5 = 0 THEN -999 ELSE ${x} END`), 'sentinel x'],
  ])('%s', async (_, now, kind) => {
    const bugs = await judge(before, now);
    expect(kindsOf(bugs)).toEqual([kind]);
    expect(bugs[0]?.repair).toBeDefined();
  });

  it.each([
    ['another unit of continuous values', broken(`1.609344 * ${x}`), 'scaled x'],
    ['a logarithm of continuous values', broken(`ln(${x})`), 'transformed x'],
  ])('%s, where the world could have done it: unclear', async (_, now, kind) => {
    const reference = await profile(before);
    const { bugs, unclear } = findDataBugs(reference, await profile(now, reference), { ignore: [], history: [] });
    expect(kindsOf(bugs)).toEqual([]);
    expect(kindsOf(unclear)).toEqual([kind]);
    expect(unclear[0]?.readings?.map((one) => one.as)).toEqual(['bug', 'normal']);
  });

  it('is an exchange of two columns', async () => {
    const bugs = await judge(before, broken(`100 + ${EVEN}`, x));
    expect(kindsOf(bugs)).toEqual(['exchanged x', 'exchanged y']);
    // the answer "bug" keeps them out
    expect(bugs.map((bug) => bug.sql)).toEqual(['"x" IS NOT NULL', '"y" IS NOT NULL']);
  });

  it('is not a drift that no repair removes', async () => {
    expect(await judge(before, broken(`20 + ${x}`))).toEqual([]);
    expect(await judge(before, broken(x, undefined, `['ab', 'gh', 'ij'][1 + i % 3]`))).toEqual([]);
  });

  it.each([
    ['shifts', '2.4 + z'],
    ['shifts the other way', 'z - 2.4'],
    ['spreads', '2 * z'],
    ['spreads far', '4 * z'],
    ['gets a second mode', 'CASE WHEN i % 3 = 0 THEN 3 + z ELSE z END'],
    ['gets colder, in tenths', 'round(2 + 8 * z, 1)', 'round(10 + 8 * z, 1)'],
    ['gets colder, in whole numbers', 'round(2 + 8 * z)::INTEGER', 'round(10 + 8 * z)::INTEGER'],
    ['sells less', 'floor(exp(0.8 * z))::INTEGER', 'floor(exp(1 + 0.8 * z))::INTEGER'],
  ])('is not a world that %s: a new tail is neither a unit nor a sign', async (_, now, was = 'z') => {
    const table = (x: string, seed: number, count: number): string =>
      `SELECT ${x} AS x FROM (SELECT i, sqrt(-2 * ln((hash(i + ${seed}) % 1000003 + 0.5) / 1000003)) * cos(2 * pi() * (hash(i + ${seed} + 500000) % 1000003) / 1000003) AS z FROM range(${count}) t(i))`;
    for (const count of [300, 2000]) expect(await judge(table(was, 1, 8000), table(now, 1e6, count))).toEqual([]);
  });

  it('does not depend on the order of columns and rows', async () => {
    const reference = await profile(before);
    const current = await profile(broken(`1000 * ${x}`), reference);
    const turned = { ...current, columns: [...current.columns].reverse() };
    const input = { reference, history: [], ignore: [] };
    expect(triage({ ...input, current: turned })).toEqual(triage({ ...input, current }));
  });
});
