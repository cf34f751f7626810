import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LARGE_ROWS, monitoring, rowsSql, writeTables } from '../drift/large-windows.js';
import { createRig, type Document, type Rig } from '../support/rig.js';
import { type Cluster, hasSlurm, startCluster } from './cluster.js';

describe.runIf(hasSlurm())('the files of a window, read by jobs', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster?.[Symbol.dispose]());

  const check = (rig: Rig, exit: number, ...more: readonly string[]): Promise<Document> =>
    rig.json(exit, 'check-drift', 'p', '--now', '2026-01-21', ...more);
  const kept = (rig: Rig): number => rig.query("SELECT count(*) AS n FROM table_profile WHERE kind LIKE 'part%'")[0].n;
  const judged = ({ features, current }: Document) => ({ features, current });

  it('gives the verdict of one machine, and reads no file again', async () => {
    using rig = createRig({ 'pipelines/p.yaml': monitoring('p', 'data/*.parquet') }, cluster.env);
    const days: Record<string, string> = {
      'data/a.parquet': rowsSql(1, 10, 5, LARGE_ROWS),
      'data/b.parquet': rowsSql(2, 15, 5, LARGE_ROWS, 0.5),
      'data/c.parquet': rowsSql(3, 15, 5, LARGE_ROWS),
    };
    await writeTables(rig, { 'reference.parquet': rowsSql(9, 0, 10, LARGE_ROWS), ...days });
    await rig.json(0, 'run', 'p', '--now', '2026-01-11');
    const there = await check(rig, 3, '--executor', 'slurm');
    const [run, ...more] = (await rig.json(0, 'runs', 'p.profiles')).runs;
    expect(more).toEqual([]);
    expect(run).toMatchObject({ status: 'succeeded', trigger: { kind: 'profiles' } });
    const { run: shown } = await rig.json(0, 'show', run.id);
    const jobs: string[] = shown.steps.map((step: Document) => step.job.id);
    expect(new Set(jobs.map((id) => id.split('_')[0])).size).toBe(1);
    expect(jobs).toHaveLength(3);
    expect(kept(rig)).toBe(3);
    expect(rig.list('.refit/tmp')).toEqual([]);
    // Everything is known now: no job, and the same verdict.
    expect(judged(await check(rig, 3, '--executor', 'slurm'))).toEqual(judged(there));
    expect((await rig.json(0, 'runs', 'p.profiles')).runs).toHaveLength(1);
    const told = await rig.refit('check-drift', 'p', '--now', '2026-01-21', '--executor', 'slurm');
    expect(told.stderr).toContain('reading here, not on slurm');
    rig.update("DELETE FROM table_profile_use WHERE kind LIKE 'part%'");
    expect(judged(await check(rig, 3))).toEqual(judged(there));
  });

  it('reads here what no job could read, and says so', async () => {
    using rig = createRig({ 'pipelines/p.yaml': monitoring('p', 'data/*.parquet') }, cluster.env);
    await writeTables(rig, {
      'reference.parquet': rowsSql(9, 0, 10, LARGE_ROWS),
      'data/a.parquet': rowsSql(1, 10, 5, LARGE_ROWS),
    });
    await rig.json(0, 'run', 'p', '--now', '2026-01-11');
    rig.write({ 'data/b.parquet': 'PAR1'.repeat(5_000_000) });
    const { exit, stderr } = await rig.refit('check-drift', 'p', '--now', '2026-01-21', '--executor', 'slurm');
    expect(exit).not.toBe(0);
    expect(stderr).toMatch(/1 of 2 files could not be read there.*b\.parquet/);
    expect(stderr).toMatch(/error \S+ .*b\.parquet/);
  });

  it('refuses an executor for files without a pipeline, and one that is not there', async () => {
    using rig = createRig({ 'a.csv': 'x\n1\n', 'pipelines/p.yaml': monitoring('p', 'data/*.parquet') }, cluster.env);
    const files = await rig.refit('check-drift', '--reference', 'a.csv', '--current', 'a.csv', '--executor', 'slurm');
    expect(files).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('--executor reads the files of a pipeline'),
    });
  });
});
