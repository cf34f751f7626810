import { describe, expect, it } from 'vitest';
import { createRig, type Document } from '../support/rig.js';

describe('a file of a format that refit does not read', () => {
  it.each([
    ['x.xlsx', 'an Excel workbook', 'pandas.read_excel("x.xlsx").to_csv("x.csv"'],
    ['x.ods', 'an OpenDocument spreadsheet', 'engine="odf"'],
    ['x.feather', 'an Arrow (Feather) file', 'read_feather("x.feather").to_parquet("x.parquet")'],
    ['x.pkl', 'a Python pickle', 'only if you trust it'],
    ['x.zip', 'an archive', 'unzip x.zip'],
    ['x.tar.gz', 'an archive', 'tar -xf x.tar.gz'],
  ])('is named, with the line that converts it: %s', async (name, is, convert) => {
    using rig = createRig({ [name]: 'PK', 'ok.csv': 'at,v\n2026-01-01,1\n' });
    for (const args of [
      ['check-data', name],
      ['check-drift', '--reference', name, '--current', 'ok.csv'],
      ['check-performance', name, '--time', 'at', '--prediction', 'v', '--label', 'v'],
    ]) {
      const { exit, stderr } = await rig.refit(...args);
      expect(exit).toBe(4);
      expect(stderr).toContain(is);
      expect(stderr).toContain(convert);
    }
  });

  it('is known by its first bytes where the name does not say it', async () => {
    using rig = createRig({ 'x.csv': 'ARROW1\0\0', 'y.csv': 'SQLite format 3\0' });
    expect((await rig.refit('check-data', 'x.csv')).stderr).toContain('x.csv is an Arrow (Feather) file');
    expect((await rig.refit('check-data', 'y.csv')).stderr).toContain('y.csv is an SQLite database');
  });

  it('shows no line to copy with a name that a shell would take apart', async () => {
    using rig = createRig({ "a'; ls #.xlsx": 'PK' });
    const { stderr } = await rig.refit('check-data', "a'; ls #.xlsx");
    expect(stderr).toContain('read_excel("FILE.xlsx")');
  });
});

it('names empty files and times that cannot be read in every command that reads files', async () => {
  using rig = createRig({
    'empty.csv': '',
    'dates.csv': 'at,v\nfoo,1\nbar,2\n',
    'ok.csv': 'at,v\n2026-01-01,1\n2026-01-02,2\n',
  });
  const columns = ['--time', 'at', '--prediction', 'v', '--label', 'v'];
  const said = async (...args: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await rig.refit(...args);
    return stdout + stderr;
  };
  const empty = 'empty.csv is empty, without even a header';
  expect(await said('check-data', 'empty.csv')).toContain(empty);
  expect(await said('check-drift', '--reference', 'ok.csv', '--current', 'empty.csv')).toContain(empty);
  expect(await said('check-performance', 'empty.csv', ...columns)).toContain(empty);
  expect(await said('evaluate-detectors', 'empty.csv', '--column', 'v')).toContain(empty);
  const dates = '"foo" in dates.csv:2';
  expect(await said('check-data', 'dates.csv', '--time', 'at')).toContain(dates);
  expect(await said('check-drift', '--reference', 'ok.csv', '--current', 'dates.csv', '--time', 'at')).toContain(dates);
  expect(await said('check-performance', 'dates.csv', ...columns)).toContain(dates);
});

const MANY = `
pipeline: many
datasets: { parts: { path: parts/*.csv } }
steps:
  train: { run: 'cp model.json out.pkl', inputs: ['\${{ datasets.parts }}', model.json], outputs: [out.pkl] }
model: { path: out.pkl, publish: { path: serving/many } }
`;

const parts = Object.fromEntries(
  Array.from({ length: 23 }, (_, i) => [`parts/${String(i).padStart(2, '0')}.csv`, `v\n${i}\n`]),
);

it('says where the promoted model is and how to load it, and what a rollback can do', async () => {
  using rig = createRig({ 'pipelines/many.yaml': MANY, 'model.json': '1', ...parts });
  await rig.json(0, 'run', 'many');
  expect((await rig.refit('rollback', 'many', '--reason', 'x')).stderr).toContain('no version of many serves');
  const { stdout } = await rig.refit('promote', 'many@1', '--reason', 'first');
  expect(stdout).toContain('the model: serving/many/current/out.pkl');
  expect(stdout).toContain('pickle.load(open("serving/many/current/out.pkl", "rb"))');
  rig.write({ 'model.json': '2' });
  await rig.json(0, 'run', 'many');
  const { stderr } = await rig.refit('rollback', 'many', '--reason', 'x');
  expect(stderr).toContain('many@1 serves, and no version of many served before it');
  expect(stderr).toContain('refit rollback many --to 2 --force');
});

it('groups the files of a dataset, and names every one with --all', async () => {
  using rig = createRig({ 'pipelines/many.yaml': MANY, 'model.json': '1', ...parts });
  await rig.json(0, 'run', 'many', '--now', '2030-01-01');
  await rig.json(0, 'promote', 'many@1', '--reason', 'first', '--now', '2030-01-02');
  const short = (await rig.refit('why', 'many')).stdout;
  expect(short).toMatch(/parts: 23 files, \d+ B: parts\/00\.csv .*parts\/02\.csv \([0-9a-f]+\) and 20 more/);
  expect(short).not.toContain('parts/03.csv');
  expect((await rig.refit('why', 'many', '--all')).stdout).toContain('parts/22.csv');
  expect((await rig.json(0, 'why', 'many')).version.champion).toBe(true);
  expect((await rig.json(0, 'why', 'many@1', '--now', '2030-01-01')).version.champion).toBe(false);
});

it('mails nothing for a pipeline without a gate that made nothing new', async () => {
  using rig = createRig({
    'pipelines/many.yaml': `${MANY}retrain: { when: { schedule: '0 3 * * *' } }\n`,
    'model.json': '1',
    ...parts,
  });
  const first = await rig.refit('retrain', 'many', '--quiet', '--now', '2030-01-01T04:00');
  expect(first.stdout).toContain('registered many@1');
  for (const now of ['2030-01-02T04:00', '2030-01-12T04:00'])
    expect((await rig.refit('retrain', 'many', '--quiet', '--now', now)).stdout).toBe('');
});

it('shows estimated counts as such, and the severity of every finding', async () => {
  const rows = (count: number, value: (i: number) => string): string =>
    `v,w\n${Array.from({ length: count }, (_, i) => `${value(i)},${i % 7}\n`).join('')}`;
  using rig = createRig({ 'a.csv': rows(120_000, (i) => `${i % 12_345}.5`), 'b.csv': rows(200, () => '1.5') });
  const { stdout } = await rig.refit('check-drift', '--reference', 'a.csv', '--current', 'b.csv');
  expect(stdout).toMatch(/every value is .*the reference has about 1\d,\d00 different ones/);
  expect(stdout).toMatch(/f-[0-9a-f]{8} +error +v/);
  const { data_bugs: bugs } = await rig.json(4, 'check-drift', '--reference', 'a.csv', '--current', 'b.csv');
  expect(bugs.map((one: Document) => one.severity)).toContain('error');
});
