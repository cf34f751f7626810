import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRig, type Rig, until } from '../support/rig.js';
import { STEERED } from '../support/steering.js';
import { type Cluster, hasSlurm, startCluster } from './cluster.js';

/** Every file below a folder, by its path. */
const filesBelow = (folder: string): readonly string[] =>
  (readdirSync(folder, { recursive: true }) as string[]).filter((path) => statSync(join(folder, path)).isFile()).sort();

describe.runIf(hasSlurm())('jobs of Slurm on nodes that do not see the workspace', () => {
  let cluster: Cluster;
  let share: string;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster?.[Symbol.dispose]());
  beforeEach(() => {
    share = mkdtempSync(join(tmpdir(), 'refit-share-'));
  });
  afterEach(() => rmSync(share, { recursive: true, force: true, maxRetries: 5 }));

  const settings = (more = ''): string =>
    `remotes: { exchange: { url: ${share} } }\nexecutors: { slurm: { profiles: { far: { staging: store, remote: exchange${more} } } } }\n`;

  const rigOf = (steps: string, more: Readonly<Record<string, string>> = {}, env = {}): Rig =>
    createRig(
      {
        'pipelines/p.yaml': `pipeline: p\nexecutor: slurm:far\nsteps:\n${steps}`,
        'refit.yaml': settings(),
        ...more,
      },
      { ...cluster.env, ...env },
    );

  const objects = (): readonly string[] => filesBelow(share).filter((path) => path.includes('/objects/'));
  const orders = (): readonly string[] => filesBelow(share).filter((path) => path.includes('/runs/'));

  it('makes what a local run makes, and either finds it fresh', async () => {
    const steps = `  prepare:
    run: |
      mkdir -p work/parts/empty
      sort data/rows.csv > work/parts/all.csv
      ln -s all.csv work/parts/newest
      printf '#!/bin/sh\\n' > work/parts/run.sh
      chmod 750 work/parts/run.sh
      chmod 640 work/parts/all.csv
    inputs: [data]
    outputs: [work/parts]
  train:
    run: 'cat work/parts/newest "$REFIT_PARAMS" > work/model.txt; echo "{\\"auc\\": 0.5}" > work/m.json; echo loss=0.1; printf "{\\"loss\\": 0.25}\\n" > "$REFIT_METRICS"; chmod 600 work/model.txt'
    inputs: [work/parts]
    outputs: [work/model.txt]
    params: [lr]
    metrics: work/m.json
`;
    const files = { 'data/rows.csv': 'b\na\n', 'data/deep/more.csv': '1\n' };
    const pipeline = (executor: string) => `pipeline: p\nexecutor: ${executor}\nparams: { lr: 0.5 }\nsteps:\n${steps}`;
    using far = rigOf('', { ...files, 'pipelines/p.yaml': pipeline('slurm:far') });
    using near = rigOf('', { ...files, 'pipelines/p.yaml': pipeline('local') });
    const [there, here] = [await far.json(0, 'run', 'p'), await near.json(0, 'run', 'p')];
    expect(there.metrics).toEqual(here.metrics);
    const facts = (rig: Rig) =>
      rig.query(`SELECT step, status, fingerprint FROM step_execution WHERE run = (SELECT max(id) FROM run) ORDER BY step`);
    expect(facts(far)).toEqual(facts(near));
    const made = (rig: Rig) =>
      rig.query('SELECT DISTINCT a.hash FROM lineage AS l JOIN artifact AS a ON a.id = l.artifact ORDER BY 1');
    expect(made(far)).toEqual(made(near));
    for (const path of ['work/parts', 'work/parts/empty', 'work/parts/run.sh', 'work/parts/all.csv', 'work/model.txt', 'work/m.json'])
      expect([path, statSync(join(far.root, path)).mode]).toEqual([path, statSync(join(near.root, path)).mode]);
    const log = (document: typeof there, rig: Rig) => rig.read(document.run.steps[1].log);
    expect(log(there, far)).toBe(log(here, near));
    const again = await far.json(0, 'run', 'p', '--executor', 'local');
    expect(again.run.steps.map((step: { status: string }) => step.status)).toEqual(['skipped', 'skipped']);
    expect(far.list('.refit/jobs')).toEqual([]);
    expect(orders()).toEqual([]);
  });
});
