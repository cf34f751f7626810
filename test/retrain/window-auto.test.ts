import { expect, it } from 'vitest';
import { createShare } from '../support/remotes.js';
import { createRig, type Document, type Rig } from '../support/rig.js';
import { AUTO, dayOf, daysBetween, type World, windowedRig } from './windowed-world.js';

const TURN = 100;
const WHEN = '{ any: [{ data_drift: { share: 0.3, on: any } }, { max_age: 14d }] }';

const rigWith = (world: Partial<World>): Rig => windowedRig({ world: { days: 140, ...world }, when: WHEN });

const shifted =
  (from: number): NonNullable<World['x']> =>
  ({ day, uniform }) =>
    uniform() + (day < from ? 0 : 0.6);

/** The decision of a day of the world. */
const retrainOn = (rig: Rig, day: number, exit = 0): Promise<Document> =>
  rig.json(exit, 'retrain', 'turn', '--now', dayOf(day));

const windowOf = (report: Document): Document => report.windows[0];

/** Days from the beginning of a window to its end. */
const spanOf = ({ from, until }: Document): number => daysBetween(from, until);

/** The oldest row that a version was trained on, as the workspace has it. */
const oldest = (rig: Rig): string => rig.read('work/train.csv').split('\n')[1]?.slice(0, 10) ?? '';

it('dates a sudden change within 10 % in a backtest, and then beats the shortest and the longest window', async () => {
  const turn = 130;
  using rig = windowedRig({ world: { days: 210, turned: ({ day }) => (day < turn ? 0 : 1) } });
  const asked = ['turn', '--from', dayOf(98), '--to', dayOf(203), '--every', '7d'];
  const { policies } = await rig.json(0, 'backtest', ...asked);
  const names = ['policy', 'window-min', 'window-max', 'never', 'every', 'every-drift'];
  expect(policies.map((one: Document) => one.name)).toEqual(names);
  const by = Object.fromEntries(policies.map((one: Document) => [one.name, one]));
  expect([by['window-min'].label, by['window-max'].label]).toEqual(['shortest window 14d', 'longest window 112d']);
  const trained = (name: string) => by[name].ticks.filter((tick: Document) => tick.windows.length > 0);

  // before the change all there is, and from the day on which the shortest window is over just the time since
  const because = trained('policy').map((tick: Document) => [tick.at.slice(0, 10), windowOf(tick).because]);
  expect(
    because.filter(([at]: string[]) => (at ?? '') <= dayOf(turn)).every(([, why]: string[]) => why === 'no-change'),
  ).toBe(true);
  expect(because.filter(([, why]: string[]) => why === 'min').length).toBeGreaterThan(0);
  const since = trained('policy').filter((tick: Document) => tick.at.slice(0, 10) >= dayOf(turn + 14));
  expect(since.length).toBeGreaterThan(3);
  for (const tick of since) {
    const window = windowOf(tick);
    expect(window).toMatchObject({
      because: 'change',
      change: { verdict: 'performance', subject: 'mae', form: 'sudden' },
    });
    const right = daysBetween(dayOf(turn), tick.at);
    expect(Math.abs(spanOf(window) / right - 1)).toBeLessThan(0.1);
    expect(daysBetween(dayOf(turn), window.from)).toBeGreaterThanOrEqual(0);
  }
  expect(new Set(trained('window-min').map((tick: Document) => spanOf(windowOf(tick))))).toEqual(new Set([14]));
  expect(new Set(trained('window-max').map((tick: Document) => windowOf(tick).because))).toEqual(new Set(['fixed']));

  const after = (name: string): number => {
    const scores = by[name].ticks.filter((tick: Document) => tick.at.slice(0, 10) >= dayOf(turn + 28));
    return scores.reduce((sum: number, tick: Document) => sum + tick.metrics.mae, 0) / scores.length;
  };
  process.stderr.write(
    `mae after the change: ${names.map((name) => `${name} ${after(name).toFixed(3)}`).join(', ')}\n`,
  );
  expect(after('policy')).toBeLessThan(after('window-min') - 0.05);
  expect(after('policy')).toBeLessThan(after('window-max') - 0.5);
  expect(by.policy.mean).toBeLessThan(Math.min(by['window-min'].mean, by['window-max'].mean));
}, 300_000);

it('begins at a change of the inputs, remembers it with the model, and says so wherever it is asked', async () => {
  using rig = rigWith({ x: shifted(TURN) });
  const first = await retrainOn(rig, 90);
  expect(windowOf(first)).toMatchObject({ because: 'no-change', change: null });

  // six days of the new world are too few: the shortest window, with eight days from before
  const young = await retrainOn(rig, 106);
  expect(windowOf(young)).toMatchObject({
    because: 'min',
    change: { subject: 'x', latest: `${dayOf(TURN)}T00:00:00.000Z` },
  });
  expect(spanOf(windowOf(young))).toBe(14);
  expect(young.summary).toContain('8d of it are from before');

  const since = await retrainOn(rig, 120);
  expect(windowOf(since)).toMatchObject({ because: 'change', change: { verdict: 'drift', subject: 'x' } });
  expect(spanOf(windowOf(since))).toBe(20);
  expect([since.outcome, oldest(rig)]).toEqual(['published', dayOf(TURN)]);
  const sentence = `rows: 20d, since ${dayOf(TURN)} 00:00: "x" moved (drift)`;

  // a run and a plan of the same moment read the same rows, without a verdict of their own
  const plan = await rig.json(0, 'plan', 'turn', '--now', dayOf(120));
  expect([plan.windows, plan.steps.map((one: Document) => one.action)]).toEqual([since.windows, ['skip', 'skip']]);
  const run = await rig.json(0, 'run', 'turn', '--now', dayOf(120), '--force');
  expect([run.run.windows, run.model_version]).toEqual([since.windows, since.model_version]);
  expect((await rig.refit('plan', 'turn', '--now', dayOf(120))).stdout).toContain(`window of ${sentence}`);

  const { id } = (await rig.json(0, 'decisions', 'turn')).decisions[0];
  for (const ask of [
    ['why', 'turn'],
    ['why', id],
    ['decisions', 'turn'],
    ['status', 'turn'],
  ])
    expect((await rig.refit(...ask)).stdout, ask.join(' ')).toContain(sentence);
  expect((await rig.json(0, 'why', 'turn')).run.windows).toEqual(since.windows);
  await rig.refit('report', 'turn@3', '-o', 'card.html');
  expect(rig.read('card.html')).toContain(`Trained on the window of ${sentence.replaceAll('"', '&quot;')}`);

  // the new world is the reference now and nothing drifts, but the old rows are as wrong as before
  const next = await retrainOn(rig, 134);
  expect(next.drift.verdict).toBe('stable');
  expect(windowOf(next)).toMatchObject({ because: 'change', from: windowOf(since).from });
  expect(spanOf(windowOf(next))).toBe(34);

  // what was recorded is repeated, not what is known today
  const again = await rig.json(0, 'reproduce', 'turn@1');
  expect([again.verdict, again.steps.map((one: Document) => one.result)]).toEqual(['same', ['same', 'same']]);
  expect((await rig.json(0, 'reproduce', since.model_version)).verdict).toBe('same');

  // another machine knows the windows, and chooses the same
  using share = createShare();
  await rig.json(0, 'push', share.path);
  const files = ['pipelines/turn.yaml', 'steps.mjs', 'data/all.csv'];
  using other = createRig(Object.fromEntries(files.map((name) => [name, rig.read(name)])));
  await other.json(0, 'pull', share.path, '--all');
  expect((await other.json(0, 'why', since.model_version)).run.windows).toEqual(since.windows);
  expect((await other.json(0, 'plan', 'turn', '--now', dayOf(134))).windows).toEqual(next.windows);
  expect((await other.json(0, 'verify')).registry).toEqual([]);
});

it('takes the longest window as long as nothing changes, and makes the window part of the fingerprint', async () => {
  using rig = rigWith({});
  for (const day of [90, 104, 118]) {
    const report = await retrainOn(rig, day);
    expect([report.drift?.verdict ?? 'none', windowOf(report).because]).not.toContain('drift');
    expect(windowOf(report).because).toBe('no-change');
  }
  expect(oldest(rig)).toBe(dayOf(118 - 112));
  expect((await rig.json(0, 'plan', 'turn', '--now', dayOf(118))).steps[0].action).toBe('skip');
  rig.write({ 'pipelines/turn.yaml': rig.read('pipelines/turn.yaml').replace(AUTO, '60d') });
  const [step] = (await rig.json(0, 'plan', 'turn', '--now', dayOf(118))).steps;
  expect([step.action, step.reasons[0].detail]).toEqual(['run', 'dataset-cut:rows']);
  await rig.json(0, 'run', 'turn', '--now', dayOf(118));
  expect(oldest(rig)).toBe(dayOf(118 - 60));
});

it('begins after the later of two changes in two columns', async () => {
  using rig = rigWith({ x: shifted(TURN), z: shifted(TURN + 10) });
  await retrainOn(rig, 90);
  const report = await retrainOn(rig, 126);
  expect(report.drift.drifted).toBe(2);
  expect(windowOf(report)).toMatchObject({ because: 'change', change: { subject: 'z' } });
  expect(spanOf(windowOf(report))).toBe(16);
});

it('begins within the transition of a gradual change, and trains on no row from before it', async () => {
  using rig = rigWith({ x: ({ day, uniform }) => uniform() + (uniform() < (day - TURN) / 20 ? 0.8 : 0) });
  await retrainOn(rig, 90);
  const window = windowOf(await retrainOn(rig, 124));
  expect(window).toMatchObject({ because: 'change', change: { subject: 'x', form: 'gradual', complete: null } });
  const begins = daysBetween(dayOf(TURN), window.from);
  expect(begins).toBeGreaterThanOrEqual(0);
  expect(begins).toBeLessThan(10);
});

it('takes no data bug for a change of the world', async () => {
  using rig = rigWith({});
  const isBroken = (line: string): boolean => line >= dayOf(TURN) && line < dayOf(TURN + 7);
  const broken = rig.read('data/all.csv').split('\n');
  rig.write({
    'data/all.csv': broken.map((line) => (isBroken(line) ? line.replace(/^(.*?,.*?),.*?,/, '$1,,') : line)).join('\n'),
  });
  await retrainOn(rig, 90);
  const held = await retrainOn(rig, 108, 4);
  expect(held.findings.map((one: Document) => [one.code, one.column])).toEqual([['missing-rose', 'x']]);
  expect(windowOf(held)).toMatchObject({ because: 'no-change', change: null });
  await rig.json(0, 'resolve', held.findings[0].id, '--as', 'bug', '--reason', 'the sensor stopped');
  const report = await retrainOn(rig, 125);
  expect([report.outcome, windowOf(report).because]).toEqual(['published', 'no-change']);
});

it('refuses a window that cannot be meant, and names what is missing', async () => {
  using rig = rigWith({});
  const yaml = rig.read('pipelines/turn.yaml');
  const problemsOf = async (window: string, text = yaml): Promise<readonly string[]> => {
    rig.write({ 'pipelines/turn.yaml': text.replace(AUTO, window) });
    const { files } = await rig.json(2, 'validate', 'turn');
    return files[0].diagnostics.map((one: Document) => `${one.code}: ${one.message}`);
  };
  expect(await problemsOf('soon')).toEqual(['wrong-value: "soon" is neither a duration nor auto']);
  expect(await problemsOf('{ auto: true, max: 7d }')).toEqual([
    'wrong-value: the shortest window, 28d, is longer than the longest, 7d',
  ]);
  expect(
    await problemsOf('90d', yaml.replace(' time: at, window', ' window').replace(/monitor:[\s\S]*/, '')),
  ).toContainEqual('missing-key: a window needs to know which column holds the time of a row');
  expect(await problemsOf('auto', yaml.replace(/monitor:[\s\S]*/, ''))).toEqual([
    'missing-key: "window: auto" of "rows" needs a check of drift or of performance, which dates the change',
  ]);
});
