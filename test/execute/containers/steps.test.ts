import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig, until } from '../../support/rig.js';
import { createPodman, hasPodman, type Podman } from './podman.js';

let engine: Podman;
let id: string;
const IMAGE = 'localhost/box:1';

const pipeline = (run: string, more = ''): string => `pipeline: p
params: { trees: 40 }
steps:
  s: { run: ${JSON.stringify(run)}, inputs: [in.txt], outputs: [out.txt], image: ${IMAGE}, params: [trees]${more} }
`;

const rigWith = (files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}): Rig =>
  createRig({ 'in.txt': 'in', ...files }, { ...engine.env, ...env });

/** Of all processes. */
const commandLines = (): readonly string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    });

const recorded = (rig: Rig): readonly string[] => (rig.has('.refit/containers') ? rig.list('.refit/containers') : []);

describe.skipIf(!hasPodman())('a step with an image', () => {
  beforeAll(() => {
    engine = createPodman();
    id = engine.makeImage(IMAGE, { 'etc/only-here': 'yes' });
  }, 300_000);
  afterAll(() => engine?.[Symbol.dispose]());

  it('runs in it, with the workspace at its own path, and leaves no container', async () => {
    const run = 'cat /etc/only-here in.txt > out.txt; pwd; cat $REFIT_PARAMS; echo \'{"auc": 0.5}\' >> $REFIT_METRICS';
    using rig = rigWith({ 'pipelines/p.yaml': pipeline(run) });
    const { run: ran, metrics } = await rig.json(0, 'run', 'p');
    expect(rig.read('out.txt')).toBe('yesin');
    expect(metrics).toEqual({ auc: 0.5 });
    const log = rig.read(`.refit/logs/${ran.id}/s.1.log`);
    expect(log.split('\n')).toEqual([rig.root, '{"trees":40}', '']);
    const { uid } = statSync(join(rig.root, 'out.txt'));
    expect(uid).toBe(process.getuid?.());
    expect([engine.containers(), recorded(rig)]).toEqual([[], []]);
    expect(rig.read('.refit/.gitignore')).toBe('*\n');
  });

  it('passes on what the step declares and nothing else, and no secret on a command line', async () => {
    const run = 'env | sort > out.txt; echo "said $TOKEN"; echo > up.txt; while [ ! -e go.txt ]; do sleep 0.1; done';
    const declared = ', env: { A: "1 2", PATH: "/bin", FROM: { from: CALLER } }, secrets: [TOKEN]';
    using rig = rigWith(
      { 'pipelines/p.yaml': pipeline(run, declared) },
      { CALLER: 'of the caller', TOKEN: 'hush-hush', OTHER: 'x' },
    );
    const running = rig.start('run', 'p');
    await until(() => rig.has('up.txt'));
    const lines = commandLines().filter((line) => line.includes(rig.root));
    expect(lines.some((line) => line.includes('--env=TOKEN'))).toBe(true);
    expect(lines.filter((line) => line.includes('hush'))).toEqual([]);
    rig.write({ 'go.txt': '' });
    expect((await running.ended).exit).toBe(0);
    const names = rig.read('out.txt').trim().split('\n');
    expect(names).toEqual(expect.arrayContaining(['A=1 2', 'FROM=of the caller', 'TOKEN=hush-hush', 'REFIT_STEP=s']));
    expect(names.filter((line) => /^(OTHER|CONTAINERS_CONF|STEERING_SOCKET|REFIT_PROCESS_ID)=/.test(line))).toEqual([]);
    const [log = ''] = rig.files('.refit/logs').filter((file) => file.endsWith('s.1.log'));
    expect(rig.read(log)).toBe('said ***\n');
  });

  it.each([
    ['exits', 'echo before; exit 3', { code: 'step-exited', exit_code: 3 }],
    ['is a program that is missing', 'no-such-program', { code: 'step-exited', exit_code: 127 }],
    ['does not write its output', 'true', { code: 'output-missing' }],
  ])('fails as on the machine when it %s', async (_, run, failure) => {
    using rig = rigWith({ 'pipelines/p.yaml': pipeline(run) });
    const { run: ran } = await rig.json(1, 'run', 'p');
    expect(ran.steps[0].failure).toMatchObject(failure);
    expect([engine.containers(), recorded(rig)]).toEqual([[], []]);
  });

  it('retries in a container of its own', async () => {
    const run = 'test "$REFIT_ATTEMPT" = 2 && echo good > out.txt';
    using rig = rigWith({ 'pipelines/p.yaml': pipeline(run, ', retries: { count: 1 }') });
    await rig.json(0, 'run', 'p');
    expect(rig.read('out.txt')).toBe('good\n');
  });

  it('says what the engine says when the container cannot start', async () => {
    using rig = rigWith({
      'pipelines/p.yaml': pipeline('true'),
      'refit.yaml': 'container: { options: [--network=nowhere] }',
    });
    const ended = await rig.refit('run', 'p');
    expect(ended.exit).toBe(1);
    expect(ended.stderr + ended.stdout).toMatch(/container-not-started[\s\S]*nowhere[\s\S]*"container" in refit.yaml/);
    expect(recorded(rig)).toEqual([]);
  });

  it('takes options of refit.yaml', async () => {
    using rig = rigWith({
      'pipelines/p.yaml': pipeline('hostname > out.txt'),
      'refit.yaml': 'container: { engine: podman, options: [--hostname=trainer] }',
    });
    await rig.json(0, 'run', 'p');
    expect(rig.read('out.txt')).toBe('trainer\n');
  });

  it('reads data of a root beside the workspace', async () => {
    using other = createRig({ 'rows.csv': 'x\n1\n' });
    using rig = rigWith({
      'pipelines/p.yaml': pipeline('cat data/rows.csv > out.txt', '').replace('[in.txt]', '[data]'),
      'refit.yaml': `roots: ["${other.root}"]`,
    });
    rig.link('data', other.root);
    await rig.json(0, 'run', 'p');
    expect(rig.read('out.txt')).toBe('x\n1\n');
    expect(readdirSync(other.root)).toEqual(['rows.csv']);
  });

  it('runs again when the name stands for another image, and is restored when it stands for the first again', async () => {
    using rig = rigWith({ 'pipelines/p.yaml': pipeline('cat /etc/only-here > out.txt') });
    const first = await rig.json(0, 'run', 'p');
    expect(first.run.steps).toMatchObject([{ status: 'succeeded' }]);
    expect((await rig.json(0, 'run', 'p')).run.steps).toMatchObject([{ status: 'skipped' }]);
    const other = engine.makeImage(IMAGE, { 'etc/only-here': 'other' });
    // A plan starts no engine, so it cannot know, and says so.
    const plan = await rig.json(0, 'plan', 'p');
    expect(plan.steps).toMatchObject([{ action: 'skip' }]);
    expect(plan.warnings.join('\n')).toContain(`${IMAGE} (${id.slice(0, 12)})`);
    const second = await rig.json(0, 'run', 'p');
    expect(second.run.steps[0]).toMatchObject({
      status: 'succeeded',
      reasons: [{ code: 'env-changed', detail: 'image-id', before: id.slice(0, 12), after: other.slice(0, 12) }],
    });
    expect(rig.read('out.txt')).toBe('other');
    engine.podman('tag', id, IMAGE);
    expect((await rig.json(0, 'run', 'p')).run.steps).toMatchObject([{ status: 'restored' }]);
    expect(rig.read('out.txt')).toBe('yes');
  });

  it('makes a model again in the same image, in a scratch workspace', async () => {
    const more = `model: { path: out.txt }\n`;
    using rig = rigWith({ 'pipelines/p.yaml': pipeline('cat /etc/only-here in.txt > out.txt') + more });
    await rig.json(0, 'run', 'p');
    const again = await rig.refit('reproduce', 'p@1');
    expect(again.exit, again.stderr + again.stdout).toBe(0);
    expect(engine.containers()).toEqual([]);
  });

  it('is run nowhere when its image cannot be had', async () => {
    using rig = rigWith({ 'pipelines/p.yaml': pipeline('echo ran > out.txt').replace(IMAGE, 'localhost:1/none:1') });
    const ended = await rig.refit('run', 'p');
    expect(ended.exit).toBe(1);
    expect(ended.stderr).toContain('image-unavailable podman has no image localhost:1/none:1');
    expect(rig.has('out.txt')).toBe(false);
  }, 300_000);

  it('cannot be traced, and says so', async () => {
    using rig = rigWith({ 'pipelines/p.yaml': pipeline('true') });
    expect((await rig.refit('run', 'p', '--trace')).stderr).toContain('it runs in the image');
  });

  const SLOW = 'trap "echo told > told.txt; exit 0" TERM; echo up > up.txt; while :; do sleep 0.1; done';

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    'ends with a refit that gets %s',
    async (signal, exit) => {
      using rig = rigWith({ 'pipelines/p.yaml': pipeline(SLOW) });
      const running = rig.start('run', 'p');
      await until(() => rig.has('up.txt'));
      running.kill(signal);
      expect((await running.ended).exit).toBe(exit);
      expect([engine.containers(), recorded(rig)]).toEqual([[], []]);
      expect(rig.read('told.txt')).toBe('told\n');
    },
    30_000,
  );

  it('is ended when its time is up', async () => {
    using rig = rigWith({ 'pipelines/p.yaml': pipeline('echo up > up.txt; sleep 300', ', timeout: 2s') });
    const { run: ran } = await rig.json(1, 'run', 'p');
    expect(ran.steps[0].failure).toMatchObject({ code: 'step-timed-out' });
    expect([engine.containers(), recorded(rig)]).toEqual([[], []]);
  }, 30_000);

  /** A run that was killed with -9 while its container works. */
  async function killedRun(): Promise<Rig> {
    const rig = rigWith({ 'pipelines/p.yaml': pipeline('echo $$ > up.txt; sleep 300; echo > out.txt') });
    const running = rig.start('run', 'p');
    await until(() => rig.has('up.txt'));
    running.kill('SIGKILL');
    await running.ended;
    return rig;
  }

  it('is ended by the next run after a kill -9', async () => {
    using rig = await killedRun();
    expect(engine.containers()).toHaveLength(1);
    rig.write({ 'pipelines/p.yaml': pipeline('echo new > out.txt') });
    await rig.json(0, 'run', 'p');
    expect([engine.containers(), recorded(rig)]).toEqual([[], []]);
    expect(rig.read('out.txt')).toBe('new\n');
  }, 300_000);

  it('is found by doctor after a kill -9, which removes it with --repair', async () => {
    using rig = await killedRun();
    const found = await rig.json(1, 'doctor');
    expect(JSON.stringify(found)).toContain('container-left');
    expect(engine.containers()).toHaveLength(1);
    await rig.json(0, 'doctor', '--repair');
    expect([engine.containers(), recorded(rig)]).toEqual([[], []]);
  }, 300_000);
});
