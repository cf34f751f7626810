import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';

/** A column whose name would end a statement if it were not quoted. */
const COLUMN = 'x" > 0) OR 1=1; --';

const pipeline = (checks: string): string => `pipeline: p
datasets:
  rows: { path: "data/*.csv", time: day, checks: ${checks} }
steps:
  copy: { run: "cat \${{ datasets.rows }} > o.csv", inputs: ["\${{ datasets.rows }}"], outputs: [o.csv] }
model: { name: m, path: o.csv }
`;

const BOUNDS = JSON.stringify({ columns: { [COLUMN]: { max: 500 } } });

const rows = (): string => {
  const lines = Array.from({ length: 100 }, (_, i) => `2026-01-${10 + (i % 20)},${i < 5 ? 900 + i : i}`);
  return `day,"${COLUMN.replaceAll('"', '""')}"\n${lines.join('\n')}\n`;
};

const rigWith = (checks = BOUNDS): Rig => createRig({ 'pipelines/p.yaml': pipeline(checks), 'data/a.csv': rows() });

const NOW = ['--now', '2026-02-01'];

async function checked(rig: Rig): Promise<Document> {
  const { stdout } = await rig.refit('check-data', 'p', '--json', ...NOW);
  return JSON.parse(stdout);
}

/** A bug that was answered. */
async function calledBug(rig: Rig): Promise<string> {
  await rig.refit('run', 'p', ...NOW);
  const [found] = (await checked(rig)).problems;
  expect(found).toMatchObject({ rows: 5 });
  expect(await rig.json(0, 'resolve', found.id, '--as', 'bug', '--reason', 'a meter')).toMatchObject({
    excluded: true,
  });
  return found.id;
}

const rowCount = async (rig: Rig): Promise<number> => (await checked(rig)).datasets[0].rows;

/** A finding as an older version stored it, or as somebody changed it. */
const store = (rig: Rig, changes: Document): void =>
  rig.update(
    `UPDATE finding SET finding_json = json_patch(finding_json, '${JSON.stringify({ selects: null, ...changes }).replaceAll("'", "''")}')`,
  );

describe('rows called a bug', () => {
  it('are stored as column, bounds and values, and column names are quoted', async () => {
    using rig = rigWith();
    await calledBug(rig);
    const [{ finding_json }] = rig.query('SELECT finding_json FROM finding LIMIT 1');
    expect(JSON.parse(finding_json).selects).toMatchObject({
      kind: 'breaks',
      predicate: { kind: 'in-range', column: COLUMN, upper: 500 },
    });
    expect(await rowCount(rig)).toBe(95);
  });

  it('are excluded on another machine too, without any SQL', async () => {
    using first = rigWith();
    const share = mkdtempSync(join(tmpdir(), 'refit-share-'));
    await calledBug(first);
    await first.json(0, 'push', join(share, 'remote'));
    using second = rigWith();
    await second.refit('pull', join(share, 'remote'));
    const [{ finding_json }] = second.query('SELECT finding_json FROM finding LIMIT 1');
    expect(JSON.parse(finding_json)).not.toHaveProperty('sql');
    expect(await rowCount(second)).toBe(95);
    rmSync(share, { recursive: true });
  });

  it('by a rule are excluded here, and not on another machine', async () => {
    const rule = `{ rules: ['"${COLUMN.replaceAll('"', '""')}" < 500'] }`;
    using first = rigWith(rule);
    const share = mkdtempSync(join(tmpdir(), 'refit-share-'));
    await calledBug(first);
    expect(await rowCount(first)).toBe(95);
    await first.json(0, 'push', join(share, 'remote'));
    using second = rigWith(rule);
    await second.refit('pull', join(share, 'remote'));
    expect(second.query('SELECT count(*) AS n FROM finding')).toEqual([{ n: 1 }]);
    expect(await rowCount(second)).toBe(100);
    rmSync(share, { recursive: true });
  });

  it('by the SQL of an older registry are still excluded', async () => {
    using rig = rigWith();
    await calledBug(rig);
    store(rig, { condition: `"${COLUMN.replaceAll('"', '""')}" > 901` });
    expect(await rowCount(rig)).toBe(97);
  });

  it('by stored text that ends in a comment do not swallow the query around it', async () => {
    using rig = rigWith();
    await calledBug(rig);
    store(rig, { condition: "day < '2026-01-15' -- " });
    expect(await rowCount(rig)).toBe(75);
  });

  const hostile = [
    "1=1); COPY (SELECT 1) TO 'out.csv'; SELECT (1=1",
    'true) IS NOT TRUE OR (true',
    "day IN (SELECT day FROM read_csv('data/a.csv'))",
    'EXISTS (SELECT 1)',
    "getenv('HOME') <> ''",
    'row_number() OVER () > 3',
    'SELECT true',
    '',
  ];
  it('by stored text that is more than a condition on a row end the command with exit 7, and nothing is run', async () => {
    using rig = rigWith();
    const id = await calledBug(rig);
    for (const condition of hostile) {
      store(rig, { condition });
      const ended = await rig.refit('check-data', 'p', ...NOW);
      expect({ condition, exit: ended.exit }).toEqual({ condition, exit: 7 });
      expect(ended.stderr).toContain(id);
    }
    expect(rig.has('out.csv')).toBe(false);
    await rig.json(0, 'resolve', id, '--as', 'normal', '--reason', 'let it in again');
    expect(await rowCount(rig)).toBe(100);
  });
});
