import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/rig.js';
import { type ApiServer, startApiServer } from './api-server.js';
import { hasKubectl, type KubernetesRig, kubernetesRig, ROWS, TRAIN } from './rig.js';

describe.runIf(hasKubectl())('steps as Jobs of Kubernetes', () => {
  let server: ApiServer;
  beforeEach(async () => {
    server = await startApiServer();
  });
  afterEach(() => server[Symbol.asyncDispose]());

  const rigOf = (steps: string, more: Readonly<Record<string, string>> = {}, settings = ''): KubernetesRig =>
    kubernetesRig(
      server,
      { 'pipelines/p.yaml': `pipeline: p\nexecutor: kubernetes\nsteps:\n${steps}`, ...more },
      { settings },
    );

  it('runs a pipeline whose results are fresh in a local run', async () => {
    using rig = rigOf(
      `  rows: { run: 'echo 1 > \${{ outputs[0] }}; echo "said $(cat rows.csv | wc -l) $$ done"', inputs: [rows.csv], outputs: [work/a.txt] }
  train: { run: 'cat work/a.txt > \${{ outputs[0] }}; echo "{\\"auc\\": 0.5}" > $REFIT_METRICS', inputs: [work/a.txt], outputs: [model.txt], params: [depth] }
`,
      ROWS,
    );
    rig.write({ 'pipelines/p.yaml': rig.read('pipelines/p.yaml').replace('steps:', 'params: { depth: 3 }\nsteps:') });
    const { run, metrics } = await rig.json(0, 'run', 'p');
    expect(run.steps).toMatchObject([
      { status: 'succeeded', job: { engine: 'kubernetes', id: expect.stringMatching(/^refit-/), node: 'node-1' } },
      { status: 'succeeded' },
    ]);
    expect(metrics).toEqual({ auc: 0.5 });
    expect(rig.read('model.txt')).toBe('1\n');
    expect(rig.read(run.steps[0].log)).toMatch(/^said 2 \d+ done\n$/);
    const again = await rig.json(0, 'run', 'p', '--executor', 'local');
    expect(again.run.steps.map((step: { status: string }) => step.status)).toEqual(['skipped', 'skipped']);
    expect(rig.list('.refit/jobs')).toEqual([]);
  });

  it('sends what the step and refit.yaml say, and no value of a secret', async () => {
    using rig = kubernetesRig(
      server,
      {
        'pipelines/p.yaml': `pipeline: p
steps:
  train:
    run: 'test "$(printf %s "$DB_PASSWORD" | wc -c)" = 12; echo "$DB_PASSWORD"; kill -0 $$; echo "\${OF_IMAGE} $PRICE $(printf %s $HOME) \${PRIVATE-none}"'
    inputs: []
    executor: kubernetes:gpu
    env: { PRICE: '$$5 $(HOME)' }
    secrets: [DB_PASSWORD]
    resources: { cpus: 1.5, memory: 2GiB, gpus: 1, licence: 1 }
    timeout: 10m
`,
      },
      {
        settings: `service_account: trainer, node_selector: { pool: cpu, zone: a }, labels: { team: ranking }, keep: 1h,
    secrets: { DB_PASSWORD: { secret: db, key: password } }, volumes: [{ claim: data, mount: /data, read_only: true }],
    profiles: { gpu: { node_selector: { pool: a100 }, image: "example.org/gpu:1", tolerations: [{ key: gpu, operator: Exists }] } }`,
        env: { DB_PASSWORD: 's3cret-of-db', PRIVATE: 'of this machine' },
      },
    );
    server.cluster.secrets.db = { password: 's3cret-of-db' };
    rig.write({ 'refit.yaml': `${rig.read('refit.yaml')}resources: { licence: 1 }\n` });
    const { run } = await rig.json(0, 'run', 'p');
    expect(rig.read(run.steps[0].log)).toBe('***\nexample.org/gpu:1 $$5 $(HOME) / none\n');
    const [job] = server.cluster.created;
    expect(JSON.stringify(server.cluster.created)).not.toContain('s3cret');
    expect(job).toMatchObject({
      metadata: { labels: { team: 'ranking', 'refit/run': run.id, 'refit/step': 'train' } },
      spec: { backoffLimit: 0, ttlSecondsAfterFinished: 3600, activeDeadlineSeconds: 600 },
    });
    const { spec } = job.spec.template;
    expect(spec).toMatchObject({
      serviceAccountName: 'trainer',
      nodeSelector: { pool: 'a100', zone: 'a' },
      tolerations: [{ key: 'gpu', operator: 'Exists' }],
      restartPolicy: 'Never',
      volumes: [{ persistentVolumeClaim: { claimName: 'work' } }, { persistentVolumeClaim: { claimName: 'data' } }],
    });
    expect(spec.containers[0]).toMatchObject({
      image: 'example.org/gpu:1',
      workingDir: rig.root,
      resources: { requests: { cpu: '1500m', memory: '2147483648' }, limits: { 'nvidia.com/gpu': '1' } },
      volumeMounts: [{ mountPath: rig.root }, { mountPath: '/data', readOnly: true }],
    });
    expect(spec.containers[0].env).toContainEqual({
      name: 'DB_PASSWORD',
      valueFrom: { secretKeyRef: { name: 'db', key: 'password' } },
    });
  });

  it('creates nothing whose command shows the value of a secret', async () => {
    using rig = kubernetesRig(
      server,
      {
        'pipelines/p.yaml': `pipeline: p
params: { word: s3cret-of-db }
executor: kubernetes
steps:
  a: { run: 'echo \${{ params.word }}', inputs: [] }
  b: { run: 'true', inputs: [], secrets: [DB_PASSWORD], executor: local }
`,
      },
      { env: { DB_PASSWORD: 's3cret-of-db' } },
    );
    const { run } = await rig.json(1, 'run', 'p', '--keep-going');
    expect(run.steps[0].failure).toMatchObject({ code: 'step-not-started' });
    expect(run.steps[0].failure.reason).toContain('holds the value of a secret');
    expect(server.cluster.created).toEqual([]);
  });

  it.each(["pa$s'w0rd-of-db", 'pass"w0rd-of-db', 'pass\\\\w0rd-of-db'])(
    'finds a secret with signs that a manifest escapes: %s',
    async (secret) => {
      using rig = kubernetesRig(
        server,
        {
          'pipelines/p.yaml': `pipeline: p
executor: kubernetes
steps:
  a: { run: 'true', inputs: [], env: { SHOWN: { from: OTHER } } }
  b: { run: 'true', inputs: [], secrets: [DB_PASSWORD], executor: local }
`,
        },
        { env: { DB_PASSWORD: secret, OTHER: `at ${secret}` } },
      );
      const { run } = await rig.json(1, 'run', 'p', '--keep-going');
      expect(run.steps[0].failure.reason).toContain('holds the value of a secret');
      expect(server.cluster.created).toEqual([]);
    },
  );

  it('fails with the exit code and the time-out of the step, and names job and node', async () => {
    using rig = rigOf(`  fails: { run: 'echo last words; exit 7', inputs: [] }
  slow: { run: 'echo first words; sleep 600', inputs: [], timeout: 3s }
`);
    const { run } = await rig.json(1, 'run', 'p', '--keep-going');
    const [fails, slow] = run.steps;
    expect(fails).toMatchObject({ status: 'failed', exit_code: 7, job: { node: 'node-1' } });
    expect(fails.failure.tail).toEqual(['last words']);
    expect(slow).toMatchObject({ status: 'timed-out', failure: { code: 'step-timed-out', after_ms: 3000 } });
    // Its pod is gone: the log was copied while it ran.
    expect(rig.read(slow.log)).toBe('first words\n');
    const shown = await rig.refit('show', run.id);
    expect(shown.stdout).toContain(`kubernetes job ${fails.job.id} on node-1`);
    expect(await rig.kubectl('get', 'jobs', '-o', 'name')).toContain(fails.job.id);
  });

  it('streams the log while the step runs, and calls a step cancelled whose job somebody deleted', async () => {
    using rig = rigOf(TRAIN, ROWS);
    const running = rig.start('run', 'p', '--verbose', '--json');
    const step = await rig.started('train');
    await step.print('epoch 1');
    await running.said('epoch 1');
    const [name = ''] = server.cluster.jobs.keys();
    await rig.kubectl('delete', 'job', name, '--wait=false');
    const ended = await running.ended;
    expect(ended.exit).toBe(1);
    expect(JSON.parse(ended.stdout).run.steps[0]).toMatchObject({ status: 'cancelled', attempts: 1 });
    expect(step.isGone()).toBe(true);
  });

  it('deletes its jobs on a signal, waits for the pods, and puts the last outputs back', async () => {
    using rig = rigOf(TRAIN, { ...ROWS, 'model.txt': 'old' });
    const running = rig.start('run', 'p');
    const step = await rig.started('train');
    await step.write('model.txt', 'half');
    running.kill('SIGINT');
    expect((await running.ended).exit).toBe(130);
    expect(step.isGone()).toBe(true);
    expect(rig.read('model.txt')).toBe('old');
    expect([...server.cluster.jobs.keys()]).toEqual([]);
    expect(rig.list('.refit/jobs')).toEqual([]);
  });

  it.each([
    ['PreemptionByScheduler', 'preempted', true],
    ['EvictionByEvictionAPI', 'evicted', true],
    ['DeletionByTaintManager', 'node-failed', true],
    // The pod is removed before anybody sees its end.
    ['EvictionByEvictionAPI', 'evicted', false],
  ])('counts %s as an attempt that was %s', async (disruption, reason, isSeen) => {
    using rig = rigOf(TRAIN.replace(' }\n', ', retries: { count: 1, on: preempted } }\n'), ROWS);
    const running = rig.start('run', 'p', '--json');
    const first = await rig.started('train');
    await first.ignore('SIGTERM');
    server.cluster.disrupt(server.cluster.running(), disruption, { isForgotten: !isSeen });
    const second = await rig.started('train');
    expect(second.attempt).toBe(2);
    expect(first.isGone()).toBe(true);
    await second.write('model.txt', 'new');
    await second.exit(0);
    const ended = await running.ended;
    expect(JSON.parse(ended.stdout).run.steps[0]).toMatchObject({ status: 'succeeded', attempts: 2 });
    const [outcome] = rig.query('SELECT outcome_json FROM attempt ORDER BY number');
    expect(JSON.parse(outcome.outcome_json)).toEqual({ kind: 'job-ended', reason });
    expect(server.cluster.created.map(({ metadata }) => metadata.name.at(-1))).toEqual(['1', '2']);
  });

  it('names the memory as the reason', async () => {
    using rig = rigOf(TRAIN, ROWS);
    const running = rig.start('run', 'p', '--json');
    await rig.started('train');
    server.cluster.outOfMemory(server.cluster.running());
    expect(JSON.parse((await running.ended).stdout).run.steps[0]).toMatchObject({
      failure: { code: 'job-ended', reason: 'out-of-memory', engine: 'kubernetes', node: 'node-1' },
    });
  });

  it('fails with the reason where the container cannot start, and leaves nothing that could still start', async () => {
    using rig = rigOf(`  a: { run: 'touch ran', inputs: [] }\n`, {}, 'start_within: 2s');
    server.cluster.unpullable.add('example.org/train:7');
    const ended = await rig.refit('run', 'p');
    expect(ended.exit).toBe(1);
    expect(ended.stderr).toMatch(/step "a" waits .*ImagePullBackOff/);
    expect(ended.stderr).toMatch(/its container cannot start: ImagePullBackOff: Back-off pulling image/);
    expect([...server.cluster.jobs.keys()]).toEqual([]);
    rig.write({
      'refit.yaml': rig.read('refit.yaml').replace('example.org/train:7', 'Not:An:Image').replace('2s', '1h'),
    });
    expect((await rig.refit('run', 'p')).stderr).toContain('InvalidImageName');
    expect(rig.has('ran')).toBe(false);
  });

  it('fails with the words of the node where the command cannot be run', async () => {
    using rig = rigOf(`  a: { run: 'touch ran', inputs: [] }\n`);
    server.cluster.cannotRun = 'exec: "sh": executable file not found in $PATH';
    const { run } = await rig.json(1, 'run', 'p');
    expect(run.steps[0].failure).toMatchObject({ code: 'step-not-started' });
    expect(run.steps[0].failure.reason).toContain('StartError: exec: "sh": executable file not found');
  });

  it.each([
    ['no pod is made', 'no pod: the cluster has made none', 'isAsleep'],
    ['volumes cannot be mounted', 'ContainerCreating: node-1 has the pod and does not run it', 'isUnmountable'],
  ] as const)('says that nothing comes where %s, and fails after start_within', async (_, words, fault) => {
    using rig = rigOf(`  a: { run: 'touch ran', inputs: [] }\n`, {}, 'start_within: 4s');
    server.cluster[fault] = true;
    const ended = await rig.refit('run', 'p');
    expect(ended.exit).toBe(1);
    expect(ended.stderr).toMatch(new RegExp(`step "a" waits .*${words}[\\s\\S]*"kubectl describe job refit-`));
    expect(ended.stderr).toContain(`its container cannot start: ${words}`);
    expect([...server.cluster.jobs.keys()]).toEqual([]);
  });

  it('says why a pod waits for a node, until there is room or its time is over', async () => {
    using rig = rigOf(`  a: { run: 'touch ran', inputs: [], timeout: 4s }\n`);
    server.cluster.isFull = true;
    const late = await rig.refit('run', 'p');
    expect(late.exit).toBe(1);
    expect(late.stderr).toContain('its timeout was over before it could start: Unschedulable: 0/1 nodes are available');
    const running = rig.start('run', 'p');
    await running.said('Insufficient cpu');
    server.cluster.isFull = false;
    expect((await running.ended).exit).toBe(0);
    await until(() => rig.has('ran'));
  });
});
