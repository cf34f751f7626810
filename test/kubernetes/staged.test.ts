import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/rig.js';
import { type S3Server, startS3 } from '../support/s3-server.js';
import { STEERED } from '../support/steering.js';
import { type ApiServer, startApiServer } from './api-server.js';
import { canMount, hasKubectl, type KubernetesRig, ROWS, STEER, stagedRig } from './rig.js';

const TRAIN = `  train: { run: '${STEERED}', inputs: [rows.csv], outputs: [model.txt], env: { ${STEER} } }\n`;
const TRAIN_ON = `  train: { run: '${STEERED}', inputs: [rows.csv], outputs: [model.txt], checkpoint: ckpt, retries: { count: 1, on: preempted, delay: 0s }, env: { ${STEER} } }\n`;

describe.runIf(hasKubectl() && canMount())('Jobs of Kubernetes in pods that do not see the workspace', () => {
  let server: ApiServer;
  let s3: S3Server;
  beforeEach(async () => {
    [server, s3] = [await startApiServer(), await startS3('lab')];
    server.cluster.secrets.exchange = { ...s3.env };
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    await s3[Symbol.asyncDispose]();
  });

  const rigOf = (steps: string, more: Readonly<Record<string, string>> = {}, settings = ''): KubernetesRig =>
    stagedRig(
      { server, s3 },
      { 'pipelines/p.yaml': `pipeline: p\nexecutor: kubernetes\nsteps:\n${steps}`, ...more },
      settings,
    );
  const orders = (): readonly string[] => [...s3.objects.keys()].filter((key) => key.includes('/runs/'));
  const onlyPod = () => [...server.cluster.pods.values()][0] ?? { volume: undefined };
  const objectWith = (text: string): string => {
    const found = [...s3.objects].find(([key, bytes]) => key.includes('/objects/') && bytes.toString() === text)?.[0];
    if (found === undefined) throw new Error(`no object with the content ${text}`);
    return found;
  };

  it('makes what a local run makes, and either finds it fresh', async () => {
    const steps = `  prepare:
    run: 'mkdir -p work/parts; sort rows.csv > work/parts/all.csv; ln -s all.csv work/parts/newest; chmod 640 work/parts/all.csv; echo sorted; ls -A >&2'
    inputs: [rows.csv]
    outputs: [work/parts]
  train:
    run: 'cat work/parts/newest "$REFIT_PARAMS" > model.txt; echo "{\\"auc\\": 0.5}" > "$REFIT_METRICS"; pwd > where.txt'
    inputs: [work/parts]
    outputs: [model.txt, where.txt]
    params: [lr]
`;
    const files = { ...ROWS, 'other.csv': 'not declared' };
    using far = rigOf('', files);
    far.write({ 'pipelines/p.yaml': `pipeline: p\nexecutor: kubernetes\nparams: { lr: 0.5 }\nsteps:\n${steps}` });
    const there = await far.json(0, 'run', 'p');
    expect(there.run.steps).toMatchObject([
      { status: 'succeeded', job: { engine: 'kubernetes', node: 'node-1' } },
      { status: 'succeeded' },
    ]);
    expect(there.metrics).toEqual({ auc: 0.5 });
    expect(far.read(there.run.steps[0].log)).toBe('sorted\n.refit\nrows.csv\nwork\n');
    expect(far.read('where.txt')).toBe(`${far.root}\n`);
    const again = await far.json(0, 'run', 'p', '--executor', 'local');
    expect(again.run.steps.map(({ status }: { status: string }) => status)).toEqual(['skipped', 'skipped']);
    const bytes = far.read('model.txt');
    const here = await far.json(0, 'run', 'p', '--executor', 'local', '--force');
    expect(far.read('model.txt')).toBe(bytes);
    expect(here.metrics).toEqual(there.metrics);
    const facts = (run: string) =>
      far.query(`SELECT step, status, fingerprint FROM step_execution WHERE run = '${run}' ORDER BY step`);
    expect(facts(here.run.id)).toEqual(facts(there.run.id));
    expect(far.list('.refit/jobs')).toEqual([]);
    expect(orders()).toEqual([]);
    expect((await far.json(0, 'run', 'p')).run.steps[0].status).toBe('skipped');
  });

  it('names the credentials by reference, for the containers that carry files and no other', async () => {
    using rig = rigOf(
      `  a: { run: 'env | grep -c AWS_ || true', inputs: [rows.csv], timeout: 10m }\n`,
      ROWS,
      'run_as_user: 1234, run_as_group: 99, service_account: trainer',
    );
    const { run } = await rig.json(0, 'run', 'p');
    expect(rig.read(run.steps[0].log)).toBe('0\n');
    const text = JSON.stringify(server.cluster.created);
    for (const value of Object.values(s3.env)) expect(text).not.toContain(value);
    for (const bytes of s3.objects.values()) expect(bytes.toString()).not.toContain(s3.env.AWS_SECRET_ACCESS_KEY);
    const { activeDeadlineSeconds, template } = server.cluster.created[0].spec;
    expect(activeDeadlineSeconds).toBe(600 + 3600);
    const { initContainers, containers, ...spec } = template.spec;
    expect(spec).toMatchObject({
      securityContext: { runAsUser: 1234, runAsGroup: 99, fsGroup: 99 },
      volumes: ['workspace', 'words'].map((name) => ({ name, emptyDir: {} })),
      serviceAccountName: 'trainer',
      terminationGracePeriodSeconds: 60,
    });
    const [fetch, [step, send]] = [initContainers[0], containers];
    expect([fetch.image, step.image, send.image]).toEqual(['example.org/refit:1', 'example.org/train:7', fetch.image]);
    expect([fetch.envFrom, step.envFrom, send.envFrom]).toEqual([
      [{ secretRef: { name: 'exchange' } }],
      undefined,
      [{ secretRef: { name: 'exchange' } }],
    ]);
  });

  it('fails as a local step does: exit code, time-out, an output that is not there', async () => {
    using rig = rigOf(
      `  fails: { run: 'echo new > fails.txt; echo last words; exit 7', inputs: [], outputs: [fails.txt] }
  slow: { run: 'sleep 600', inputs: [], timeout: 2s }
  forgets: { run: 'echo done', inputs: [], outputs: [never.txt] }
`,
      { 'fails.txt': 'good' },
    );
    const { run } = await rig.json(1, 'run', 'p', '--keep-going');
    const named = (name: string) => run.steps.find((step: { name: string }) => step.name === name);
    expect(named('fails')).toMatchObject({ status: 'failed', exit_code: 7, failure: { tail: ['last words'] } });
    expect(named('slow')).toMatchObject({ status: 'timed-out', failure: { after_ms: 2000 } });
    expect(named('forgets').failure).toMatchObject({ code: 'output-missing', path: 'never.txt' });
    expect(rig.read('fails.txt')).toBe('good');
    expect(orders()).toEqual([]);
  });

  it.each([
    ['has other bytes', 'damaged', (key: string) => s3.objects.set(key, Buffer.from('x\n2\n'))],
    ['is missing', 'missing', (key: string) => s3.objects.delete(key)],
  ] as const)('refuses an input that %s in the bucket, and puts it again', async (_, cause, spoil) => {
    using rig = rigOf(`  a: { run: cp rows.csv a.txt, inputs: [rows.csv], outputs: [a.txt] }\n`, ROWS);
    // Between the order and the pod.
    server.cluster.isFull = true;
    const running = rig.start('run', 'p', '--json');
    await until(() => server.cluster.created.length === 1);
    spoil(objectWith('x\n1\n'));
    server.cluster.isFull = false;
    const ended = await running.ended;
    expect(ended.exit).toBe(1);
    expect(JSON.parse(ended.stdout).run.steps[0].failure).toMatchObject({
      ...{ code: 'staging-failed', doing: 'fetch', path: 'rows.csv', cause },
      ...{ store: 's3://lab/exchange', node: 'node-1' },
    });
    expect(ended.stderr).toMatch(/rows\.csv could not be fetched from the remote s3:\/\/lab\/exchange on node-1/);
    expect(rig.has('a.txt')).toBe(false);
    await rig.json(0, 'run', 'p');
    expect(rig.read('a.txt')).toBe('x\n1\n');
  });

  it('says what is wrong with the containers that carry files', async () => {
    using rig = rigOf(`  a: { run: 'touch ran.txt', inputs: [], outputs: [ran.txt] }\n`, {}, 'start_within: 2s');
    const good = rig.read('refit.yaml');
    // There is no program of refit in it.
    rig.write({ 'refit.yaml': good.replace('example.org/refit:1', 'example.org/other:1') });
    expect((await rig.refit('run', 'p')).stderr).toMatch(/container "fetch" of its pod ended with exit code 12[78]/);
    rig.write({ 'refit.yaml': good });
    server.cluster.unpullable.add('example.org/refit:1');
    expect((await rig.refit('run', 'p')).stderr).toMatch(/cannot start: ImagePullBackOff/);
    server.cluster.unpullable.clear();
    delete server.cluster.secrets.exchange;
    expect((await rig.refit('run', 'p')).stderr).toMatch(/CreateContainerConfigError: secret "exchange" not found/);
    expect([...server.cluster.jobs.keys()].length).toBe(1);
    expect(rig.list('.refit/jobs')).toEqual([]);
  });

  it('fails, and deletes the Job, where the image of the step has no shell', async () => {
    using rig = rigOf(`  a: { run: 'touch ran.txt', inputs: [], outputs: [ran.txt] }\n`);
    server.cluster.cannotRun = 'exec: "sh": executable file not found in $PATH';
    const { run } = await rig.json(1, 'run', 'p');
    expect(run.steps[0].failure).toEqual({
      code: 'step-not-started',
      step: 'a',
      reason: `its container cannot start: StartError: ${server.cluster.cannotRun}`,
    });
    expect([...server.cluster.jobs.keys()]).toEqual([]);
  });

  it('takes what a command makes that empties its working folder', async () => {
    using rig = rigOf(
      `  clean: { run: 'rm -rf .refit; echo x > out.txt', inputs: [rows.csv], outputs: [out.txt] }
  fails: { run: 'rm -rf .refit; exit 3', inputs: [rows.csv] }
`,
      ROWS,
    );
    const { run } = await rig.json(1, 'run', 'p', '--keep-going');
    const ends = run.steps.map(({ name, exit_code: code }: { name: string; exit_code: number }) => `${name} ${code}`);
    expect(ends.toSorted()).toEqual(['clean 0', 'fails 3']);
    expect(rig.read('out.txt')).toBe('x\n');
  });

  it('says why the container that sends does not start, and fails after start_within', async () => {
    using rig = rigOf(`  a: { run: 'touch ran.txt', inputs: [], outputs: [ran.txt] }\n`, {}, 'start_within: 2s');
    server.cluster.stuckBeside = { reason: 'ImagePullBackOff', message: 'Back-off pulling image' };
    const ended = await rig.refit('run', 'p');
    expect(ended.exit).toBe(1);
    expect(ended.stderr).toMatch(/step "a" waits .*ImagePullBackOff: Back-off pulling image/);
    expect(ended.stderr).toMatch(/its container cannot start: ImagePullBackOff: Back-off pulling image/);
    expect([...server.cluster.jobs.keys()]).toEqual([]);
  });

  it('ends when the container of the step has waited in vain, and leaves word for the one that sends', async () => {
    using rig = rigOf(
      `  a: { run: 'touch ran.txt', inputs: [], outputs: [ran.txt] }\n`,
      {},
      'image: "example.org/hasty:1"',
    );
    rig.write({ 'refit.yaml': rig.read('refit.yaml').replace('image: "example.org/train:7", ', '') });
    server.cluster.stuckBeside = { reason: 'ContainerCreating', message: '' };
    const running = rig.start('run', 'p');
    await until(() => existsSync(join(onlyPod().volume ?? '', 'words/exit')));
    expect(readFileSync(join(onlyPod().volume ?? '', 'words/exit'), 'utf8')).toBe('75\n');
    const ended = await running.ended;
    expect([ended.exit, rig.has('ran.txt')]).toEqual([1, false]);
    expect(ended.stderr).toMatch(/its container "send" cannot start: ContainerCreating/);
    expect([...server.cluster.jobs.keys()]).toEqual([]);
  });

  it('does not lay its command into the bucket', async () => {
    using rig = rigOf(`  a: { run: 'echo my words > a.txt', inputs: [rows.csv], outputs: [a.txt] }\n`, ROWS);
    server.cluster.isFull = true;
    const running = rig.start('run', 'p');
    await until(() => server.cluster.created.length === 1);
    expect(orders()).toHaveLength(1);
    for (const bytes of s3.objects.values()) expect(bytes.toString()).not.toContain('my words');
    server.cluster.isFull = false;
    expect((await running.ended).exit).toBe(0);
    expect(rig.read('a.txt')).toBe('my words\n');
  });

  it('runs a step in the image that it names itself', async () => {
    const image = `example.org/own@sha256:${'a'.repeat(64)}`;
    using rig = rigOf(`  a: { run: 'echo $OF_IMAGE > a.txt', inputs: [], outputs: [a.txt], image: '${image}' }\n`);
    await rig.json(0, 'run', 'p');
    expect(rig.read('a.txt')).toBe(`${image}\n`);
  });

  it('carries the checkpoint of a killed command to the next attempt', async () => {
    using rig = rigOf(TRAIN_ON, { ...ROWS, 'model.txt': 'old' });
    const running = rig.start('run', 'p', '--json');
    const first = await rig.started('train');
    await first.write('ckpt/epoch', '6');
    await first.write('model.txt', 'half');
    process.kill(first.pid, 'SIGKILL');
    const second = await rig.started('train');
    expect(second.attempt).toBe(2);
    expect(rig.read('ckpt/epoch')).toBe('6');
    await second.write('model.txt', 'new');
    await second.exit(0);
    const ended = await running.ended;
    expect(ended.exit).toBe(0);
    expect(JSON.parse(ended.stdout).run.steps[0]).toMatchObject({ status: 'succeeded', attempts: 2 });
    const resumes = server.cluster.created.map(
      ({ spec }) =>
        spec.template.spec.containers[0].env.find(({ name }: { name: string }) => name === 'REFIT_RESUME').value,
    );
    expect(resumes).toEqual(['0', '1']);
    expect([rig.read('model.txt'), rig.has('ckpt')]).toEqual(['new', false]);
  });

  it('ends with the reason of a container that was killed as a whole, and keeps its checkpoint', async () => {
    using rig = rigOf(TRAIN_ON, ROWS);
    const running = rig.start('run', 'p', '--json');
    const step = await rig.started('train');
    await step.write('ckpt/epoch', '6');
    server.cluster.outOfMemory(server.cluster.running());
    const ended = await running.ended;
    expect(JSON.parse(ended.stdout).run.steps[0]).toMatchObject({
      status: 'failed',
      failure: { code: 'job-ended', reason: 'out-of-memory', node: 'node-1' },
    });
    expect(rig.read('ckpt/epoch')).toBe('6');
    const second = rig.start('run', 'p');
    const again = await rig.started('train');
    await again.write('model.txt', 'new');
    await again.exit(0);
    expect((await second.ended).exit).toBe(0);
  });

  it('tells a preempted command to end, sends its checkpoint, and tries again', async () => {
    using rig = rigOf(TRAIN_ON, ROWS);
    const running = rig.start('run', 'p', '--json');
    const first = await rig.started('train');
    await first.ignore('SIGTERM');
    const pod = server.cluster.running();
    server.cluster.disrupt(pod, 'PreemptionByScheduler');
    await first.signalled('SIGTERM');
    await first.write('ckpt/epoch', '7');
    // As many trainers do. It is no success.
    await first.exit(0);
    const second = await rig.started('train');
    expect([second.attempt, rig.read('ckpt/epoch'), pod.container?.wasKilled()]).toEqual([2, '7', false]);
    await second.write('model.txt', 'new');
    await second.exit(0);
    const ended = await running.ended;
    expect(JSON.parse(ended.stdout).run.steps[0]).toMatchObject({ status: 'succeeded', attempts: 2 });
    const [outcome] = rig.query('SELECT outcome_json FROM attempt ORDER BY number');
    expect(JSON.parse(outcome.outcome_json)).toEqual({ kind: 'job-ended', reason: 'preempted' });
  });

  it('goes on with a running job, and collects one that has ended and left the cluster, after a kill', async () => {
    using rig = rigOf(TRAIN, { ...ROWS, 'model.txt': 'old' });
    const first = rig.start('run', 'p');
    const step = await rig.started('train');
    first.kill('SIGKILL');
    await first.ended;
    const second = rig.start('run', 'p');
    await second.said('goes on with Kubernetes job');
    second.kill('SIGKILL');
    await second.ended;
    await step.write('model.txt', 'new');
    await step.exit(0);
    await until(() => orders().some((key) => key.includes('/result.')));
    await until(() => [...server.cluster.jobs.values()].every(({ status }) => status.conditions !== undefined));
    await rig.kubectl('delete', 'jobs', ...server.cluster.jobs.keys());
    const { run } = await rig.json(0, 'run', 'p');
    expect(run.steps[0]).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(rig.read('model.txt')).toBe('new');
    expect([server.cluster.created.length, rig.startedCount('train')]).toEqual([1, 1]);
    expect((await rig.json(0, 'run', 'p')).run.steps[0].status).toBe('skipped');
    expect(rig.list('.refit/jobs')).toEqual([]);
    expect(orders()).toEqual([]);
  });

  it('deletes its jobs on a signal, and puts the last outputs back; gc leaves nothing in the bucket', async () => {
    using rig = rigOf(TRAIN, { ...ROWS, 'model.txt': 'old' });
    const running = rig.start('run', 'p');
    const step = await rig.started('train');
    await step.write('model.txt', 'half');
    expect(s3.objects.size).toBeGreaterThan(1);
    const pod = server.cluster.running();
    const send = pod.beside.get('send');
    running.kill('SIGINT');
    expect((await running.ended).exit).toBe(130);
    expect([pod.container?.wasKilled(), send?.wasKilled()]).toEqual([false, false]);
    expect(step.isGone()).toBe(true);
    expect(rig.read('model.txt')).toBe('old');
    expect([...server.cluster.jobs.keys()]).toEqual([]);
    expect(rig.list('.refit/jobs')).toEqual([]);
    const { removed } = await rig.json(0, 'gc', '--apply');
    expect(removed.staged.files).toBeGreaterThan(0);
    expect([...s3.objects.keys()]).toEqual([]);
  });

  it('does not let a command go on of which nobody would take what it makes', async () => {
    using rig = rigOf(TRAIN, ROWS);
    const running = rig.start('run', 'p', '--json');
    const step = await rig.started('train');
    // Nobody tells the command to end.
    server.cluster.sendingGraceMs = 1000;
    process.kill(server.cluster.running().beside.get('send')?.pid ?? 0, 'SIGKILL');
    const ended = await running.ended;
    expect(JSON.parse(ended.stdout).run.steps[0].failure).toMatchObject({ code: 'staging-failed', doing: 'put' });
    expect(ended.stderr).toMatch(
      /the container "send" of its pod ended with exit code 137 .*kubectl logs refit-\S+ -c send/,
    );
    expect(step.isGone()).toBe(true);
    expect([...server.cluster.jobs.keys()]).toEqual([]);
  });

  it('waits while the bucket is away, and takes the result when it is back', async () => {
    using rig = rigOf(TRAIN, ROWS);
    const running = rig.start('run', 'p');
    const step = await rig.started('train');
    s3.cut = () => true;
    await running.said('cannot be asked about the jobs');
    await step.write('model.txt', 'new');
    await step.exit(0);
    s3.cut = () => false;
    expect((await running.ended).exit).toBe(0);
    expect(rig.read('model.txt')).toBe('new');
  });
});
