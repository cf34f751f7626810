import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findDataBugs } from '../../src/drift/find-data-bugs.js';
import { kindsOf, openTables, PROJECT } from './judge-tables.js';

const BIKE = resolve(process.env.REFIT_TEST_DATA ?? resolve(PROJECT, '../shared/data'), 'bike/hour.csv');
const FLIGHTS = resolve(PROJECT, 'node_modules/vega-datasets/data/flights-3m.parquet');

const { profile, judge, close } = openTables([BIKE]);
afterAll(close);

it('is a fault where flights in miles are delivered in kilometres', async () => {
  const day = (date: string, distance: string): string =>
    `SELECT delay, ${distance} AS distance, origin FROM read_parquet('${FLIGHTS}') WHERE date >= DATE '${date}' AND date < DATE '${date}' + 1`;
  const bugs = await judge(day('2001-03-07', 'distance'), day('2001-03-08', 'distance * 1.609344'));
  expect(kindsOf(bugs)).toEqual(['scaled distance']);
  expect(bugs[0]?.repair).toContain('1.609344');
  expect(await judge(day('2001-03-07', 'distance'), day('2001-03-08', 'distance'))).toEqual([]);
});

describe.skipIf(!existsSync(BIKE))(`bike rentals (${BIKE})`, () => {
  const between = (from: string, until: string): string =>
    `SELECT * EXCLUDE (instant, dteday, casual, registered, cnt) FROM read_csv('${BIKE}') WHERE dteday >= DATE '${from}' AND dteday < DATE '${until}'`;

  it('finds the humidity of 2011-03-10, 0 in all its 22 rows', async () => {
    const reference = await profile(between('2011-03-02', '2011-03-10'));
    const history = await Promise.all(
      [2, 3, 4, 5, 6, 7, 8, 9].map((day) =>
        profile(between(`2011-03-0${day}`, day === 9 ? '2011-03-10' : `2011-03-0${day + 1}`)),
      ),
    );
    const current = await profile(between('2011-03-10', '2011-03-11'), reference);
    const { bugs } = findDataBugs(reference, current, { ignore: [], history });
    expect(kindsOf(bugs)).toEqual(['constant hum']);
    expect(bugs[0]).toMatchObject({ rows: 22, sql: '"hum" IS NOT NULL' });
  });

  it('calls no season a bug', async () => {
    const months = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'];
    const at = (i: number): string => `2011-${months[i]}-01`;
    for (let i = 3; i < 11; i++) {
      const reference = await profile(between(at(i - 3), at(i)));
      const history = await Promise.all([3, 2, 1].map((k) => profile(between(at(i - k), at(i - k + 1)))));
      const current = await profile(between(at(i), at(i + 1)), reference);
      expect(kindsOf(findDataBugs(reference, current, { ignore: [], history }).bugs), at(i)).toEqual([]);
    }
  });
});
