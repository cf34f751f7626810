import { execFileSync, spawnSync } from 'node:child_process';
import { CronWorkflow } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/CronWorkflow';
import { Workflow } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/Workflow';
import { CronJob } from 'kubernetes-models/batch/v1/CronJob';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isInstalled } from '../../support/required.js';
import { createRig, type Document, type Rig } from '../../support/rig.js';

/** Every kind of value, edge and demand that the other systems must take over. */
const PIPELINE = `pipeline: trips
params: { days: 28, name: "it's", trees: 40 }
datasets:
  trips: { path: "data/*.csv" }
steps:
  extract:
    run: |
      cat \${{ datasets.trips }} > \${{ outputs.rows }}
      echo \${{ params.days }} \${{ params.name }} >> \${{ outputs.rows }}
    inputs: ["\${{ datasets.trips }}"]
    outputs: { rows: work/rows.txt }
    timeout: 10m
    retries: { count: 2, delay: 30s, backoff: exponential }
    resources: { cpus: 2, memory: 4GiB }
  check:
    run: [sh, -c, 'test -s "$0"', work/rows.txt]
    inputs: [work/rows.txt]
    outputs: []
  train:
    run: sh train.sh
    inputs: [train.sh, work/rows.txt]
    outputs: { model: out/model.txt }
    metrics: out/metrics.json
    params: [trees]
    env: { THREADS: "4" }
    after: [check]
`;

const FILES: Readonly<Record<string, string>> = {
  'pipelines/trips.yaml': PIPELINE,
  'data/a.csv': 'a\n',
  'data/b.csv': 'b\n',
  'train.sh':
    'cp work/rows.txt out/model.txt; cat "$REFIT_PARAMS" >> out/model.txt; echo "$REFIT_STEP $THREADS" >> out/model.txt; echo \'{"auc": 1}\' > out/metrics.json\n',
};

const MODEL = `a\nb\n28 it's\n{"trees":40}\ntrain 4\n`;

const exported = async (rig: Rig, ...args: readonly string[]): Promise<string> => {
  const ended = await rig.refit('export', ...args);
  expect(ended.exit, ended.stderr).toBe(0);
  return ended.stdout;
};

const has = (program: string): boolean =>
  isInstalled(spawnSync('sh', ['-c', `command -v ${program}`]).status === 0, program);

const inRoot = (rig: Rig) => ({
  cwd: rig.root,
  encoding: 'utf8' as const,
  env: { ...process.env, PYTHONPATH: 'stub' },
});

describe.skipIf(!has('snakemake'))('export snakemake', () => {
  it('writes a Snakefile that Snakemake plans and runs, with the result that refit has', {
    timeout: 120_000,
  }, async () => {
    using rig = createRig(FILES);
    rig.write({ Snakefile: await exported(rig, 'snakemake', 'trips') });
    const run = (...args: readonly string[]) => spawnSync('snakemake', ['--cores', '2', ...args], inRoot(rig));
    const planned = run('-n');
    expect(planned.status, planned.stdout + planned.stderr).toBe(0);
    const ran = run();
    expect(ran.status, ran.stderr).toBe(0);
    expect(rig.read('out/model.txt')).toBe(MODEL);
    expect(run('-n').stdout + run('-n').stderr).toContain('Nothing to be done');
    rig.write({ 'data/c.csv': 'c\n' });
    expect(run().status).toBe(0);
    expect(rig.read('out/model.txt')).toBe(MODEL.replace('b\n', 'b\nc\n'));
    rig.remove('out');
    rig.remove('work');
    rig.remove('data/c.csv');
    await rig.json(0, 'run', 'trips');
    expect(rig.read('out/model.txt')).toBe(MODEL);
  });

  it('ends a step at its timeout, and tries it again as often as the pipeline says', { timeout: 120_000 }, async () => {
    using rig = createRig({
      'pipelines/p.yaml': `pipeline: p
steps:
  s: { run: "echo x >> tries.txt; if [ $(wc -l < tries.txt) -lt 3 ]; then sleep 60; fi; touch s.txt", inputs: [], outputs: [s.txt], timeout: 1s, retries: { count: 2 } }
`,
    });
    rig.write({ Snakefile: await exported(rig, 'snakemake', 'p') });
    const ran = spawnSync('snakemake', ['--cores', '1'], inRoot(rig));
    expect(ran.status, ran.stderr).toBe(0);
    expect(rig.read('tries.txt')).toBe('x\nx\nx\n');
  });
});

describe('export argo', () => {
  it('writes a workflow that the schema of Argo takes, with the same graph, limits and demands', async () => {
    using rig = createRig(FILES);
    const text = await exported(rig, 'argo', 'trips', '--image', 'team/steps:1');
    const workflow = parse(text);
    new Workflow(workflow).validate();
    const [graph, ...templates] = workflow.spec.templates;
    expect(graph.dag.tasks).toEqual([
      { name: 'extract', template: 'extract' },
      { name: 'check', template: 'check', dependencies: ['extract'] },
      { name: 'train', template: 'train', dependencies: expect.arrayContaining(['extract', 'check']) },
    ]);
    expect(templates[0]).toMatchObject({
      activeDeadlineSeconds: 600,
      retryStrategy: { limit: '2', retryPolicy: 'Always', backoff: { duration: '30s', factor: '2' } },
      container: {
        image: 'team/steps:1',
        workingDir: '/workspace',
        resources: { requests: { cpu: '2', memory: '4294967296' }, limits: { memory: '4294967296' } },
      },
    });
    expect(text).toMatch(/^# Made by refit .* from pipelines\/trips\.yaml/);
    // The pods would run these scripts in this order.
    for (const { container } of templates) {
      const env = Object.fromEntries(container.env.map((one: Document) => [one.name, one.value]));
      // A pod replaces "$$", and nothing else here.
      const args = container.args.map((one: string) => one.replaceAll('$$', '$'));
      execFileSync(container.command[0], [...container.command.slice(1), ...args], {
        ...inRoot(rig),
        env: { PATH: process.env.PATH, ...env },
      });
    }
    expect(rig.read('out/model.txt')).toBe(MODEL);
  });

  it('takes images, secrets and the schedule over, and says what is missing', async () => {
    using rig = createRig({
      'pipelines/p.yaml': `pipeline: p
steps:
  train: { run: make, inputs: [], outputs: [m.txt], image: team/train:2, secrets: [TOKEN], resources: { gpus: 1 }, retries: { count: 1, on: preempted } }
model: { path: m.txt, gate: [{ smoke: "true" }], first: accept }
retrain: { when: { schedule: "30 4 * * *", timezone: Europe/Berlin } }
`,
    });
    const ended = await rig.refit('export', 'argo', 'p');
    expect(ended.exit, ended.stderr).toBe(0);
    expect(ended.stderr).toContain('is not registered, judged by its gate or published');
    const workflow = parse(ended.stdout);
    new CronWorkflow(workflow).validate();
    expect(workflow.spec).toMatchObject({ schedules: ['30 4 * * *'], timezone: 'Europe/Berlin' });
    const [, train] = workflow.spec.workflowSpec.templates;
    expect(train.retryStrategy).toEqual({ limit: '1', retryPolicy: 'OnError' });
    expect(train.container).toMatchObject({ image: 'team/train:2', resources: { limits: { 'nvidia.com/gpu': '1' } } });
    expect(train.container.env).toContainEqual({
      name: 'TOKEN',
      valueFrom: { secretKeyRef: { name: 'refit-p', key: 'TOKEN' } },
    });
  });

  it('is not ended by a line break in the name of the file, in any language', async () => {
    const name = 'pipelines/a\nimport os; os.system("touch PWNED")\u2028#.yaml';
    using rig = createRig({ [name]: 'pipeline: evil\nsteps: { a: { run: "true", inputs: [], outputs: [] } }\n' });
    for (const target of [['airflow'], ['snakemake'], ['argo', '--image', 'i']]) {
      const [kind = '', ...more] = target;
      const text = await exported(rig, kind, 'evil', ...more);
      const [, ...rest] = text.split(/[\n\u2028]/);
      expect(rest.filter((line) => line.includes('os.system') && !line.startsWith('#'))).toEqual([]);
    }
  });

  it('refuses what cannot run there', async () => {
    using rig = createRig({
      ...FILES,
      'pipelines/q.yaml': `pipeline: q
datasets: { rows: { path: { query: "select * from 'data/a.csv'" } } }
steps:
  s: { run: "cat \${{ datasets.rows }} > s.txt", inputs: ["\${{ datasets.rows }}"], outputs: [s.txt] }
`,
    });
    const noImage = await rig.refit('export', 'argo', 'trips');
    expect([noImage.exit, noImage.stderr]).toEqual([2, expect.stringContaining('--image registry')]);
    const query = await rig.refit('export', 'snakemake', 'q');
    expect([query.exit, query.stderr]).toEqual([2, expect.stringContaining('a query that only refit can run')]);
  });
});

describe('export airflow', () => {
  it('writes a DAG with the same graph, limits and demands, whose commands run', async () => {
    const { AIRFLOW_STUB } = await import('./airflow-stub.js');
    using rig = createRig({ ...FILES, ...AIRFLOW_STUB });
    rig.write({ 'dag.py': await exported(rig, 'airflow', 'trips') });
    const { dag, tasks, edges } = JSON.parse(execFileSync('python3', ['dag.py'], inRoot(rig)));
    expect(dag).toMatchObject({ dag_id: 'trips', schedule: null });
    expect(edges.sort()).toEqual([
      ['check', 'train'],
      ['extract', 'check'],
      ['extract', 'train'],
    ]);
    expect(tasks[0]).toMatchObject({
      kind: 'bash',
      task_id: 'extract',
      retries: 2,
      retry_delay: 30,
      retry_exponential_backoff: true,
      execution_timeout: 600,
      resources: { cpus: 2, ram: 4096 },
      cwd: rig.root,
    });
    for (const { bash_command, cwd, env } of tasks)
      execFileSync('bash', ['-c', bash_command], { cwd, env: { PATH: process.env.PATH, ...env } });
    expect(rig.read('out/model.txt')).toBe(MODEL);
  });

  it('runs images in Docker, and keeps braces from Airflow', async () => {
    const { AIRFLOW_STUB } = await import('./airflow-stub.js');
    using rig = createRig({
      ...AIRFLOW_STUB,
      'pipelines/p.yaml': `pipeline: p
steps:
  a: { run: 'echo "{{ x }}" > a.txt', inputs: [], outputs: [a.txt], image: team/a:1, resources: { license: 2, memory: 1GiB } }
`,
      'refit.yaml': 'resources: { license: 2 }\n',
    });
    rig.write({ 'dag.py': await exported(rig, 'airflow', 'p') });
    const { tasks } = JSON.parse(execFileSync('python3', ['dag.py'], inRoot(rig)));
    expect(tasks[0]).toMatchObject({
      kind: 'docker',
      image: 'team/a:1',
      pool: 'license',
      pool_slots: 2,
      mem_limit: '1073741824',
      mounts: [{ source: rig.root, target: rig.root, type: 'bind' }],
    });
    expect(tasks[0].command.at(-1)).toMatch(/^\{% raw %\}[\s\S]*"\{\{ x \}\}"[\s\S]*\{% endraw %\}\n$/);
  });
});

it('exports one job that calls refit, with the demands of the largest step', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
  a: { run: make, inputs: [], outputs: [a.txt], resources: { cpus: 1, memory: 2GiB } }
  b: { run: make, inputs: [a.txt], outputs: [b.txt], resources: { cpus: 1, memory: 1GiB } }
model: { path: b.txt, gate: [{ smoke: "true" }], first: accept }
retrain: weekly
`,
  });
  const job = parse(await exported(rig, 'kubernetes-cronjob', 'p', '--image', 'team/refit:1'));
  new CronJob(job).validate();
  const [container] = job.spec.jobTemplate.spec.template.spec.containers;
  expect(container.resources).toEqual({
    requests: { cpu: '1', memory: '2147483648' },
    limits: { memory: '2147483648' },
  });
  expect(container.command.at(-1)).toContain('refit retrain p');
  expect((await rig.refit('export', 'kubernetes-cronjob', 'p')).exit).toBe(2);
});
