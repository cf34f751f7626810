import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRig, type Rig, until } from '../support/rig.js';
import { startS3 } from '../support/s3-server.js';
import { STEERED } from '../support/steering.js';
import { type Cluster, canHide, hasSlurm, startCluster } from './cluster.js';

interface Step {
  readonly name: string;
}

/** Every file below a folder, by its path. */
const filesBelow = (folder: string): readonly string[] =>
  (readdirSync(folder, { recursive: true }) as string[])
    .filter((path) => statSync(join(folder, path), { throwIfNoEntry: false })?.isFile() === true)
    .sort();

describe.runIf(hasSlurm() && canHide())('jobs of Slurm on nodes that do not see the workspace', () => {
  let cluster: Cluster;
  /** Workspaces lie here; for the nodes the folder is empty. */
  let hidden: string;
  let share: string;
  beforeAll(async () => {
    hidden = mkdtempSync(join(tmpdir(), 'refit-hidden-'));
    cluster = await startCluster({ hidden });
  });
  afterAll(() => {
    cluster?.[Symbol.dispose]();
    rmSync(hidden, { recursive: true, force: true, maxRetries: 5 });
  });
  beforeEach(() => {
    share = mkdtempSync(join(tmpdir(), 'refit-share-'));
  });
  afterEach(() => rmSync(share, { recursive: true, force: true, maxRetries: 5 }));

  const settings = (more = '', url = share): string =>
    `remotes: { exchange: { url: ${url} } }\nexecutors: { slurm: { profiles: { far: { staging: store, remote: exchange${more} } } } }\n`;

  const rigOf = (steps: string, more: Readonly<Record<string, string>> = {}, env = {}): Rig =>
    createRig(
      {
        'pipelines/p.yaml': `pipeline: p\nexecutor: slurm:far\nsteps:\n${steps}`,
        'refit.yaml': settings(),
        ...more,
      },
      { ...cluster.env, ...env },
      hidden,
    );

  const objects = (): readonly string[] => filesBelow(share).filter((path) => path.includes('/objects/'));
  const orders = (): readonly string[] => filesBelow(share).filter((path) => path.includes('/runs/'));
  const submitted = (): number => cluster.jobs().length;
  const scratches = (): readonly string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('refit-job-'));
  const objectWith = (text: string): string => {
    const found = objects().find((path) => readFileSync(join(share, path), 'utf8') === text);
    if (found === undefined) throw new Error(`no object with the content ${text}`);
    return join(share, found);
  };
  const damage = (path: string): void => {
    const size = statSync(path).size;
    rmSync(path);
    writeFileSync(path, 'x'.repeat(size));
  };

  const ROWS = { 'rows.csv': 'x\n1\n' };
  const TRAIN = `  train: { run: '${STEERED}', inputs: [rows.csv], outputs: [model.txt] }\n`;

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
      rig.query(
        `SELECT step, status, fingerprint FROM step_execution WHERE run = (SELECT max(id) FROM run) ORDER BY step`,
      );
    expect(facts(far)).toEqual(facts(near));
    const made = (rig: Rig) =>
      rig.query('SELECT DISTINCT a.hash FROM lineage AS l JOIN artifact AS a ON a.id = l.artifact ORDER BY 1');
    expect(made(far)).toEqual(made(near));
    for (const path of [
      'work/parts',
      'work/parts/empty',
      'work/parts/run.sh',
      'work/parts/all.csv',
      'work/model.txt',
      'work/m.json',
    ])
      expect([path, statSync(join(far.root, path)).mode]).toEqual([path, statSync(join(near.root, path)).mode]);
    const log = (document: typeof there, rig: Rig) => rig.read(document.run.steps[1].log);
    expect(log(there, far)).toBe(log(here, near));
    const again = await far.json(0, 'run', 'p', '--executor', 'local');
    expect(again.run.steps.map((step: { status: string }) => step.status)).toEqual(['skipped', 'skipped']);
    expect(far.list('.refit/jobs')).toEqual([]);
    expect(orders()).toEqual([]);
  });

  it('runs the command in a folder of its own, where nothing is but what the step declares', async () => {
    using rig = rigOf(
      `  a:
    run: 'ls -A "$HIDDEN" > seen.txt; find . -type f -not -path "./.refit/*" >> seen.txt; pwd >> seen.txt; cat $SECOND >> seen.txt'
    inputs: [sub/rows.csv]
    outputs: [seen.txt]
    env: { HIDDEN: ${hidden}, SECOND: sub/rows.csv }
`,
      { 'sub/rows.csv': 'rows\n', 'other.csv': 'no' },
    );
    await rig.json(0, 'run', 'p');
    const [small, file, output, folder, rows] = rig.read('seen.txt').trim().split('\n');
    expect([small, ...[file, output].sort(), rows]).toEqual(['small', './seen.txt', './sub/rows.csv', 'rows']);
    expect(folder).toMatch(/^\/tmp\/refit-job-/);
    expect(scratches()).toEqual([]);
  });

  it('puts no content twice, and finds on the node what an earlier step made there', async () => {
    using rig = rigOf(
      `  one: { run: 'cat rows.csv rows.csv > one.txt', inputs: [rows.csv], outputs: [one.txt] }
  two: { run: 'cat one.txt > two.txt', inputs: [one.txt, rows.csv], outputs: [two.txt] }
`,
      ROWS,
    );
    const { run } = await rig.json(0, 'run', 'p');
    expect(run.steps.map(({ log }: { log: string }) => rig.read(log))).toEqual(['', '']);
    const before = objects().map((path) => [path, statSync(join(share, path)).ino]);
    expect(before.length).toBe(new Set(before.map(([path]) => path)).size);
    await rig.json(0, 'run', 'p', '--force');
    const after = objects().map((path) => [path, statSync(join(share, path)).ino]);
    expect(after).toEqual(expect.arrayContaining(before));
    rig.write({ 'rows.csv': 'x\n2\n' });
    await rig.json(0, 'run', 'p');
    expect(rig.read('two.txt')).toBe('x\n2\nx\n2\n');
    expect(orders()).toEqual([]);
  });

  it('submits the instances of a matrix as one array, with a job and variables for each', async () => {
    using rig = rigOf(`  m:
    matrix: { k: [1, 2, 3] }
    run: 'echo \${{ matrix.k }} $REFIT_STEP $SLURM_ARRAY_JOB_ID > \${{ outputs[0] }}'
    inputs: []
    outputs: ['m-\${{ matrix.k }}.txt']
`);
    const { run } = await rig.json(0, 'run', 'p');
    const lines = [1, 2, 3].map((k) => rig.read(`m-${k}.txt`).trim().split(' '));
    expect(lines.map(([k]) => k)).toEqual(['1', '2', '3']);
    expect(new Set(lines.map((words) => words.at(-1))).size).toBe(1);
    expect(lines.map((words) => words[1])).toEqual(run.steps.map(({ name }: Step) => name).sort());
  });

  it('fails as a local step does: exit code, time-out, an output that is not there; the last good output stays', async () => {
    using rig = rigOf(
      `  fails: { run: 'echo new > fails.txt; echo last words; exit 7', inputs: [], outputs: [fails.txt] }
  slow: { run: sleep 600, inputs: [], timeout: 1s }
  forgets: { run: 'echo done', inputs: [], outputs: [never.txt] }
`,
      { 'fails.txt': 'good' },
    );
    const { run } = await rig.json(1, 'run', 'p', '--keep-going');
    const [fails, forgets, slow] = run.steps.toSorted((a: Step, b: Step) => (a.name < b.name ? -1 : 1));
    expect(fails).toMatchObject({
      status: 'failed',
      exit_code: 7,
      failure: { code: 'step-exited', tail: ['last words'] },
    });
    expect(slow).toMatchObject({ status: 'timed-out', failure: { code: 'step-timed-out', after_ms: 1000 } });
    expect(forgets.failure).toMatchObject({ code: 'output-missing', path: 'never.txt' });
    expect(rig.read(fails.log)).toBe('last words\n');
    expect(rig.read('fails.txt')).toBe('good');
    expect(orders()).toEqual([]);
  });

  it('shows the log while the step runs, and ends the job on SIGINT', async () => {
    using rig = rigOf(TRAIN, ROWS);
    const running = rig.start('run', 'p', '--verbose');
    const step = await rig.started('train');
    await step.print('epoch 1');
    await running.said('epoch 1');
    running.kill('SIGINT');
    expect((await running.ended).exit).toBe(130);
    await step.gone;
    await until(() => scratches().length === 0);
    expect(rig.list('.refit/jobs')).toEqual([]);
    // It stays until gc if the job had put no result when refit left.
    expect(orders().filter((name) => !name.endsWith('/cancelled'))).toEqual([]);
  });

  it('goes on with a running job and collects an ended one after a kill, also when the store was away', async () => {
    using rig = rigOf(TRAIN, { ...ROWS, 'model.txt': 'old' });
    const before = submitted();
    const first = rig.start('run', 'p');
    const step = await rig.started('train');
    first.kill('SIGKILL');
    await first.ended;
    const second = rig.start('run', 'p');
    await second.said('goes on with Slurm job');
    second.kill('SIGKILL');
    await second.ended;
    await step.print('trained');
    await step.write('model.txt', 'new');
    await step.exit(0);
    await until(() => orders().some((path) => path.includes('/result.')));
    renameSync(share, `${share}-away`);
    const away = await rig.refit('run', 'p');
    renameSync(`${share}-away`, share);
    expect(away).toMatchObject({ exit: 1, stderr: expect.stringContaining(share) });
    expect(rig.has('model.txt') ? rig.read('model.txt') : 'aside').not.toBe('new');
    const { run } = await rig.json(0, 'run', 'p');
    expect(run.steps[0]).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(rig.read('model.txt')).toBe('new');
    expect(rig.read(run.steps[0].log)).toBe('trained\n');
    expect(submitted() - before).toBe(1);
    expect(rig.startedCount('train')).toBe(1);
    expect((await rig.json(0, 'run', 'p')).run.steps[0].status).toBe('skipped');
    expect(rig.list('.refit/jobs')).toEqual([]);
    expect(orders()).toEqual([]);
  });

  it('keeps a result that the disk here refuses, and collects it with the next run', async () => {
    using rig = rigOf(
      `  train: { run: '${STEERED}', inputs: [rows.csv], outputs: [model.txt, out/extra.txt], retries: { count: 2 } }\n`,
      { ...ROWS, 'model.txt': 'old' },
    );
    const before = submitted();
    const running = rig.start('run', 'p', '--json');
    const step = await rig.started('train');
    await step.write('model.txt', 'new');
    await step.write('out/extra.txt', 'more');
    rmSync(join(rig.root, 'out'), { recursive: true });
    // Nothing may be written there.
    symlinkSync('.refit', join(rig.root, 'out'));
    await step.exit(0);
    const failed = await running.ended;
    expect(JSON.parse(failed.stdout).run.steps[0]).toMatchObject({
      ...{ status: 'failed', attempts: 1 },
      failure: { code: 'staging-failed', doing: 'fetch', cause: 'disk', path: 'out/extra.txt' },
    });
    expect(failed.stderr).toMatch(/what Slurm job \d+ made is still in its remote: the next run collects it/);
    expect(rig.read('model.txt')).toBe('old');
    rmSync(join(rig.root, 'out'));
    const { run } = await rig.json(0, 'run', 'p');
    expect(run.steps[0]).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect([rig.read('model.txt'), rig.read('out/extra.txt')]).toEqual(['new', 'more']);
    expect([submitted() - before, rig.startedCount('train')]).toEqual([1, 1]);
    expect(rig.list('.refit/jobs')).toEqual([]);
    expect(orders()).toEqual([]);
  });

  it('is left alone by gc in a copy of the workspace, also where the copy says that it is the same one', async () => {
    using rig = rigOf(TRAIN, ROWS);
    const running = rig.start('run', 'p');
    const step = await rig.started('train');
    using copy = rigOf(TRAIN, ROWS);
    mkdirSync(join(copy.root, '.refit'));
    const [name = ''] = rig.list('.refit').filter((one) => one.startsWith('staging.'));
    const { ino } = statSync(join(copy.root, '.refit'));
    const there = objects();
    for (const own of [name, `staging.${ino}.json`]) {
      copyFileSync(join(rig.root, '.refit', name), join(copy.root, '.refit', own));
      expect((await copy.json(0, 'gc', '--apply')).removed.staged).toMatchObject({ files: 0 });
      expect(objects()).toEqual(there);
    }
    await step.write('model.txt', 'made');
    await step.exit(0);
    expect((await running.ended).exit).toBe(0);
  });

  it('waits while the store is away, and takes the result when it is back', async () => {
    using rig = rigOf(TRAIN, ROWS);
    const running = rig.start('run', 'p');
    const step = await rig.started('train');
    renameSync(share, `${share}-away`);
    await running.said('cannot be asked about the jobs');
    renameSync(`${share}-away`, share);
    await step.write('model.txt', 'new');
    await step.exit(0);
    expect((await running.ended).exit).toBe(0);
    expect(rig.read('model.txt')).toBe('new');
  });

  it('refuses an object with other bytes on the node, removes it, and puts it again', async () => {
    using rig = rigOf(`  a: { run: cp rows.csv a.txt, inputs: [rows.csv], outputs: [a.txt] }\n`, ROWS);
    await rig.json(0, 'run', 'p');
    damage(objectWith('x\n1\n'));
    const failed = await rig.json(1, 'run', 'p', '--force');
    expect(failed.run.steps[0].failure).toMatchObject({
      ...{ code: 'staging-failed', doing: 'fetch', path: 'rows.csv', cause: 'damaged', store: share },
      node: expect.stringMatching(/^n[123]$/),
    });
    expect(rig.read('a.txt')).toBe('x\n1\n');
    await rig.json(0, 'run', 'p', '--force');
    expect(objectWith('x\n1\n')).toContain(share);
  });

  it('refuses an output with other bytes, and leaves the last good one in place', async () => {
    using rig = rigOf(TRAIN, { ...ROWS, 'model.txt': 'old' });
    const first = rig.start('run', 'p');
    const step = await rig.started('train');
    first.kill('SIGKILL');
    await first.ended;
    await step.write('model.txt', 'new');
    await step.exit(0);
    await until(() => orders().some((path) => path.includes('/result.')));
    damage(objectWith('new'));
    const { stderr } = await rig.refit('run', 'p');
    expect(stderr).toMatch(/model\.txt could not be fetched from the remote .*its bytes are damaged/);
    expect(rig.read('model.txt')).toBe('old');
    const again = rig.start('run', 'p');
    const other = await rig.started('train');
    await other.write('model.txt', 'new');
    await other.exit(0);
    expect((await again.ended).exit).toBe(0);
    expect(rig.read('model.txt')).toBe('new');
  });

  it('goes through a bucket of S3, whose key no job finds among its files', async () => {
    await using s3 = await startS3('lab');
    using rig = rigOf(
      `  one: { run: 'cat rows.csv rows.csv > one.txt; echo said; env | grep -c ^AWS_ || true', inputs: [rows.csv], outputs: [one.txt] }
  two: { run: 'mkdir two; cp one.txt two/; ln -s one.txt two/last', inputs: [one.txt], outputs: [two] }
  three: { run: 'exit 4', inputs: [two] }
`,
      {
        ...ROWS,
        'refit.yaml': settings('', 's3://lab/exchange').replace('exchange }', `exchange, endpoint: "${s3.endpoint}" }`),
      },
      s3.env,
    );
    const { run } = await rig.json(1, 'run', 'p');
    expect(run.steps.map(({ status }: { status: string }) => status)).toEqual(['succeeded', 'succeeded', 'failed']);
    expect(run.steps[2]).toMatchObject({ exit_code: 4 });
    expect(rig.read('two/last')).toBe('x\n1\nx\n1\n');
    expect(rig.read(run.steps[0].log)).toMatch(/^said\n/);
    const kept = [...s3.objects.keys()];
    expect(kept.every((key) => /^exchange\/staging\/[0-9a-f]{16}\/objects\//.test(key))).toBe(true);
    const puts = s3.requests.filter((request) => request.startsWith('PUT') && request.includes('/objects/'));
    expect(puts.length).toBe(new Set(puts).size);
    for (const bytes of s3.objects.values()) expect(bytes.toString()).not.toContain(s3.env.AWS_SECRET_ACCESS_KEY);
    await rig.json(0, 'gc', '--apply');
    expect([...s3.objects.keys()]).toEqual([]);
  });

  it('collects from a bucket after a kill, and refuses what was changed there', async () => {
    await using s3 = await startS3('lab');
    using rig = rigOf(
      TRAIN,
      {
        ...{ ...ROWS, 'model.txt': 'old' },
        'refit.yaml': settings('', 's3://lab').replace('lab }', `lab, endpoint: "${s3.endpoint}" }`),
      },
      s3.env,
    );
    const before = submitted();
    const runKilled = async (): Promise<void> => {
      const first = rig.start('run', 'p');
      const step = await rig.started('train');
      first.kill('SIGKILL');
      await first.ended;
      await step.write('model.txt', 'new');
      await step.exit(0);
      await until(() => [...s3.objects.keys()].some((key) => key.includes('/result.')));
    };
    await runKilled();
    const key = [...s3.objects].find(([, bytes]) => bytes.toString() === 'new')?.[0] ?? '';
    s3.objects.set(key, Buffer.from('bad'));
    const failed = await rig.json(1, 'run', 'p');
    expect(failed.run.steps[0].failure).toMatchObject({ code: 'staging-failed', path: 'model.txt', cause: 'damaged' });
    expect(rig.read('model.txt')).toBe('old');
    expect(s3.objects.has(key)).toBe(false);
    await runKilled();
    await rig.json(0, 'run', 'p');
    expect(rig.read('model.txt')).toBe('new');
    expect(submitted() - before).toBe(2);
    s3.cut = () => true;
    rig.write({ 'rows.csv': 'x\n2\n' });
    const cut = await rig.json(1, 'run', 'p');
    expect(cut.run.steps[0].failure).toMatchObject({ code: 'staging-failed', cause: 'unreachable', doing: 'put' });
  });

  it('submits nothing when refit is to end while the inputs go into the store', async () => {
    await using s3 = await startS3('lab');
    using rig = rigOf(
      TRAIN,
      { ...ROWS, 'refit.yaml': settings('', 's3://lab').replace('lab }', `lab, endpoint: "${s3.endpoint}" }`) },
      s3.env,
    );
    const before = submitted();
    let isUploading = false;
    s3.keepSilent = (method, key) => {
      const isSilent = method === 'PUT' && key.includes('/objects/');
      isUploading ||= isSilent;
      return isSilent;
    };
    const running = rig.start('run', 'p', '--json');
    await until(() => isUploading);
    running.kill('SIGINT');
    const ended = await running.ended;
    expect(ended.exit).toBe(130);
    expect(JSON.parse(ended.stdout).run.steps[0]).toMatchObject({ failure: { code: 'step-cancelled', step: 'train' } });
    expect(submitted()).toBe(before);
    s3.keepSilent = () => false;
    rig.write({
      'pipelines/p.yaml': `pipeline: p\nexecutor: slurm:far\nsteps:\n  train: { run: cp rows.csv model.txt, inputs: [rows.csv], outputs: [model.txt] }\n`,
    });
    await rig.json(0, 'run', 'p');
    expect(rig.list('.refit/jobs')).toEqual([]);
  });

  it('runs no command that somebody has put into the store', async () => {
    using rig = rigOf(`  a: { run: 'echo good > a.txt', inputs: [], outputs: [a.txt] }\n`);
    const watch = join(share, 'staging');
    const running = rig.start('run', 'p', '--json');
    await until(() => existsSync(watch) && orders().some((path) => path.endsWith('/spec.json')));
    const path = join(share, orders().find((one) => one.endsWith('/spec.json')) ?? '');
    writeFileSync(path, readFileSync(path, 'utf8').replace('echo good', 'echo evil'));
    const { run } = JSON.parse((await running.ended).stdout);
    expect(run.steps[0].failure).toMatchObject({
      code: 'staging-failed',
      path: 'the order of the job',
      cause: 'damaged',
    });
    expect(rig.has('a.txt')).toBe(false);
  });

  it('says which node cannot reach the store, and which has no room', async () => {
    mkdirSync(join(hidden, 'share'));
    using unreached = rigOf(`  a: { run: 'true', inputs: [] }\n`, {
      'refit.yaml': settings('', join(hidden, 'share')),
    });
    const away = await unreached.json(1, 'run', 'p');
    expect(away.run.steps[0].failure).toMatchObject({
      ...{ code: 'staging-failed', cause: 'unreachable', store: join(hidden, 'share') },
      node: expect.stringMatching(/^n[123]$/),
    });
    using full = rigOf(`  a: { run: 'true', inputs: [rows.csv] }\n`, {
      'rows.csv': 'x'.repeat(200_000),
      'refit.yaml': settings(`, scratch: ${hidden}/small`),
    });
    const ended = await full.json(1, 'run', 'p');
    expect(ended.run.steps[0].failure).toMatchObject({
      // The files are fetched at the same time: any of them may find the disk full.
      ...{ code: 'staging-failed', doing: 'fetch', cause: 'disk', node: expect.stringMatching(/^n[123]$/) },
      reason: 'no space left on the disk',
    });
  });

  it('brings a checkpoint to the next attempt, of the same job and of another one', async () => {
    using rig = rigOf(
      `  train: { run: 'echo resume=$REFIT_RESUME; ls $REFIT_CHECKPOINT; exec node "$STEERED_STEP"', inputs: [], outputs: [model.txt], checkpoint: work/ckpt, retries: { count: 2 } }\n`,
    );
    const running = rig.start('run', 'p', '--json');
    const first = await rig.started('train');
    await first.write('work/ckpt/epoch-1', '1');
    const job = cluster.jobs().find(({ state }) => state === 'RUNNING');
    cluster.ask('scontrol', 'requeue', job?.id ?? '');
    const second = await rig.started('train');
    expect(second.attempt).toBe(2);
    await second.write('work/ckpt/epoch-2', '2');
    await second.exit(3);
    const third = await rig.started('train');
    expect(third.attempt).toBe(3);
    await third.write('model.txt', 'made');
    await third.exit(0);
    const ended = await running.ended;
    const { run } = JSON.parse(ended.stdout);
    expect(run.steps[0]).toMatchObject({ status: 'succeeded', attempts: 3 });
    const log = (attempt: number): string => rig.read(run.steps[0].log.replace(/\d+\.log$/, `${attempt}.log`));
    expect([log(1), log(2), log(3)]).toEqual(['resume=0\n', 'resume=1\nepoch-1\n', 'resume=1\nepoch-1\nepoch-2\n']);
    expect(rig.has('work/ckpt')).toBe(false);
  });

  it('gives a secret to its step, and neither to the store nor to the log', async () => {
    const secret = 'correct-horse-battery';
    using rig = rigOf(
      `  a: { run: 'test \${#PASSWORD} = ${secret.length} && echo "$PASSWORD" && ${STEERED}', inputs: [], secrets: [PASSWORD] }\n`,
      {},
      { PASSWORD: secret },
    );
    const running = rig.start('run', 'p', '--json');
    const step = await rig.started('a');
    const shown = (): string => {
      const logs = rig.has('.refit/logs') ? rig.files('.refit/logs') : [];
      return logs.map((path) => rig.read(path)).join('');
    };
    await until(() => shown() !== '');
    expect(shown()).toBe('***\n');
    for (const path of filesBelow(share)) expect(readFileSync(join(share, path), 'utf8')).not.toContain(secret);
    for (const path of rig.files('.refit/jobs')) expect(rig.read(path)).not.toContain(secret);
    await step.exit(0);
    const { run } = JSON.parse((await running.ended).stdout);
    expect(rig.read(run.steps[0].log)).toBe('***\n');
    rig.write({
      'pipelines/p.yaml': `pipeline: p\nexecutor: slurm:far\nsteps:\n  a: { run: 'echo ${secret}', inputs: [], secrets: [PASSWORD] }\n`,
    });
    expect((await rig.refit('run', 'p')).stderr).toMatch(/hold the value of a secret, which would lie in the store/);
    for (const path of filesBelow(share)) expect(readFileSync(join(share, path), 'utf8')).not.toContain(secret);
  });

  it('is removed from the store by gc, but not while a killed refit has left a job', async () => {
    using rig = rigOf(TRAIN, ROWS);
    const first = rig.start('run', 'p');
    const step = await rig.started('train');
    first.kill('SIGKILL');
    await first.ended;
    await rig.json(0, 'gc', '--apply');
    expect(objects()).not.toEqual([]);
    await step.write('model.txt', 'made');
    await step.exit(0);
    await rig.json(0, 'run', 'p');
    const there = objects().length;
    expect((await rig.json(0, 'gc')).removed.staged).toMatchObject({ files: there });
    expect(objects().length).toBe(there);
    expect((await rig.json(0, 'gc', '--apply')).removed.staged).toMatchObject({ files: there });
    expect(existsSync(share)).toBe(true);
    expect(filesBelow(share)).toEqual([]);
    renameSync(share, `${share}-away`);
    const away = await rig.refit('gc', '--apply');
    renameSync(`${share}-away`, share);
    expect(away).toMatchObject({ exit: 0, stderr: expect.stringContaining(share) });
  });
});
