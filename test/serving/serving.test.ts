import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';
import { STEERED } from '../support/steering.js';

const yaml = (publish = ''): Record<string, string> => ({
  'pipelines/m.yaml': `pipeline: m
steps:
  train: { run: cp source.txt model.txt, inputs: [source.txt], outputs: [model.txt] }
model: { path: model.txt, publish: { path: serving/m, keep: 2${publish} } }
`,
});

async function withVersions(count: number, publish = '', more: Record<string, string> = {}): Promise<Rig> {
  const rig = createRig({ ...yaml(publish), ...more });
  for (let i = 1; i <= count; i++) {
    rig.write({ 'source.txt': `model ${i}` });
    await rig.json(0, 'run', 'm');
  }
  return rig;
}

const promote = (rig: Rig, version: number) => rig.json(0, 'promote', `m@${version}`, '--reason', `number ${version}`);
const pointer = (rig: Rig): Document => JSON.parse(rig.read('serving/m/current.json'));
const target = (rig: Rig): string => readlinkSync(join(rig.root, 'serving/m/current'));
/** What the next command settles by itself is no damage. */
const PASSING = ['publication-open', 'hook-owed'];

async function findings(rig: Rig): Promise<readonly Document[]> {
  const ended = await rig.refit('status', '--json');
  const found: readonly Document[] = JSON.parse(ended.stdout).pipelines[0].serving;
  expect(ended.exit).toBe(found.some(({ code }) => !PASSING.includes(code)) ? 7 : 0);
  return found;
}

const codes = async (rig: Rig): Promise<readonly string[]> => (await findings(rig)).map(({ code }) => code);

it('writes a pointer beside the link: what serves, where, and the generation', async () => {
  using rig = await withVersions(2);
  for (const version of [1, 2]) {
    await promote(rig, version);
    expect(pointer(rig)).toMatchObject({ model: 'm', version, generation: version, path: target(rig) });
    expect(rig.read(`serving/m/${pointer(rig).path}/model.txt`)).toBe(`model ${version}`);
  }
  await rig.json(0, 'rollback', '--reason', 'back');
  expect(pointer(rig)).toMatchObject({ version: 1, generation: 3 });
  expect([...rig.list('serving/m')].sort()).toEqual(['current', 'current.json', 'versions']);
});

it('rolls back the only model that serves where none is named, and asks which where there are more', async () => {
  using rig = await withVersions(2);
  expect((await rig.refit('rollback', '--reason', 'nothing serves')).stderr).toContain(
    'no model of this workspace serves',
  );
  await promote(rig, 1);
  await promote(rig, 2);
  expect((await rig.json(0, 'rollback', '--reason', 'back')).promotion).toMatchObject({ model: 'm', from: 2, to: 1 });
  rig.write({
    'pipelines/n.yaml': rig
      .read('pipelines/m.yaml')
      .replace('pipeline: m', 'pipeline: n')
      .replaceAll('model.txt', 'n.txt')
      .replace('serving/m', 'serving/n'),
  });
  await rig.json(0, 'run', 'n');
  await rig.json(0, 'promote', 'n@1', '--reason', 'first');
  expect((await rig.refit('rollback', '--reason', 'which?')).stderr).toContain('2 models serve: m, n');
});

it('says what served at a moment, since when and until when', async () => {
  using rig = await withVersions(2);
  for (const [version, now] of [
    [1, '2026-01-01'],
    [2, '2026-02-01'],
  ])
    await rig.json(0, 'promote', `m@${version}`, '--reason', 'r', '--now', String(now));
  await rig.json(0, 'rollback', 'm', '--reason', 'bad', '--now', '2026-03-01');
  const at = async (time: string) => {
    const { version, since, until } = await rig.json(0, 'served', 'm', '--at', time);
    return [version, since?.slice(0, 10), until?.slice(0, 10)];
  };
  expect(await at('2025-12-31')).toEqual([null, undefined, undefined]);
  expect(await at('2026-01-01')).toEqual([1, '2026-01-01', '2026-02-01']);
  expect(await at('2026-02-15')).toEqual([2, '2026-02-01', '2026-03-01']);
  expect(await at('2026-04-01')).toEqual([1, '2026-03-01', undefined]);
  // Without a time it is the clock's, in which the version serves since the command that moved it.
  await rig.json(0, 'promote', 'm@2', '--reason', 'r', '--now', '2199-01-01');
  const now = await rig.json(0, 'served', 'm');
  expect([now.version, now.until]).toEqual([2, null]);
  expect(Date.parse(now.at) - Date.parse(now.since)).toBeLessThan(60_000);
  expect(Date.parse(now.since)).toBeLessThan(Date.parse(now.at));
  expect((await rig.refit('served', 'nobody')).exit).toBe(2);
  expect((await rig.refit('served', 'm', '--at', 'yesterday')).exit).toBe(2);
});

it('keeps notes about a model and about a version, and shows them', async () => {
  using rig = await withVersions(2);
  await rig.json(0, 'note', 'm', 'only for Europe');
  await rig.json(0, 'note', 'm@1', 'trained before the storm');
  expect((await rig.json(0, 'why', 'm@1')).notes).toMatchObject([
    { version: null, text: 'only for Europe' },
    { version: 1, text: 'trained before the storm' },
  ]);
  expect((await rig.json(0, 'why', 'm@2')).notes).toHaveLength(1);
  expect((await rig.refit('models', 'm')).stdout).toContain('trained before the storm');
  expect((await rig.refit('note', 'm@9', 'x')).exit).toBe(2);
});

/** Writes down every call with its key and generation, and does what `answer.txt` says. */
const HOOK = (name: string): string =>
  `{ run: 'echo "${name} $REFIT_DEPLOYMENT $REFIT_GENERATION $(cat serving/m/current/model.txt)" >> calls.txt; test "$(cat ${name}.txt)" != "fail $REFIT_VERSION"' }`;
const HOOKS = `, deploy: ${HOOK('deploy')}, verify: ${HOOK('verify')}`;
const hooked = (count: number): Promise<Rig> => withVersions(count, HOOKS, { 'deploy.txt': '', 'verify.txt': '' });
const calls = (rig: Rig): readonly string[] =>
  rig
    .read('calls.txt')
    .trim()
    .split('\n')
    .map((line) => line.replace(/-[0-9a-f]{8} /, ' '));
const history = async (rig: Rig): Promise<readonly unknown[]> =>
  (await rig.json(0, 'models', 'm')).moves.map(({ kind, to }: Document) => [kind, to]);

it('deploys the old version again when the new one does not verify, and says in the ledger how each hook ended', async () => {
  using rig = await hooked(2);
  await promote(rig, 1);
  rig.write({ 'verify.txt': 'fail 2' });
  const failed = await rig.json(1, 'promote', 'm@2', '--reason', 'second');
  expect(failed.promotion).toBeNull();
  expect(calls(rig)).toEqual([
    'deploy m-1 1 model 1',
    'verify m-1 1 model 1',
    'deploy m-2 2 model 2',
    'verify m-2 2 model 2',
    'deploy m-3 3 model 1',
    'verify m-3 3 model 1',
  ]);
  expect(await history(rig)).toEqual([
    ['promotion', 1],
    ['promotion', 2],
    ['rollback', 1],
  ]);
  const { ledger } = await rig.json(0, 'served', 'm');
  expect(
    ledger.map(({ kind, hook, outcome, to }: Document) => [kind, hook ?? to, outcome].filter(Boolean).join(' ')),
  ).toEqual([
    'promotion 1',
    'hook deploy delivered',
    'hook verify delivered',
    'promotion 2',
    'hook deploy delivered',
    'rollback 1',
    'hook verify failed',
    'hook deploy delivered',
    'hook verify delivered',
  ]);
});

it('does not go to and fro when the old version does not deploy either', async () => {
  using rig = await withVersions(2, `, deploy: { run: 'test "$(cat answer.txt)" = good' }`, { 'answer.txt': 'good' });
  await promote(rig, 1);
  rig.write({ 'answer.txt': 'bad' });
  expect((await rig.refit('promote', 'm@2', '--reason', 'second')).exit).toBe(1);
  expect(await history(rig)).toEqual([
    ['promotion', 1],
    ['promotion', 2],
    ['rollback', 1],
  ]);
  const [open] = await findings(rig);
  expect(open).toMatchObject({ code: 'hook-failed', expected: 'deploy of m@1 has succeeded' });
  expect(open?.repair).toContain('refit promote m@1 --reason');
  // The failure of a version that serves because another one failed goes no further, also when a killed command left it open.
  rig.update(
    'DELETE FROM hook_end WHERE generation = 3; DELETE FROM ledger_entry WHERE sequence = (SELECT max(sequence) FROM ledger_entry)',
  );
  rig.remove('.refit/ledger-head.json');
  expect((await rig.refit('run', 'm')).stderr).toContain('failed now');
  expect(await history(rig)).toHaveLength(3);
  rig.write({ 'answer.txt': 'good' });
  expect((await rig.refit('rollback', 'm', '--to', '1', '--reason', 'back')).stderr).toContain('refit promote m@1');
  expect((await rig.json(0, 'promote', 'm@1', '--reason', 'corrected')).delivered).toEqual(['deploy']);
  expect(await codes(rig)).toEqual([]);
  expect(await history(rig)).toHaveLength(3);
});

it('names a deploy that failed until one succeeds for the version that serves, and runs the hooks again when it is promoted', async () => {
  using rig = await hooked(2);
  rig.write({ 'deploy.txt': 'fail 1' });
  await rig.json(1, 'promote', 'm@1', '--reason', 'first');
  expect(await codes(rig)).toEqual(['hook-failed']);
  const doctor = await rig.json(1, 'doctor');
  expect(doctor.problems).toMatchObject([{ code: 'hook-failed', can_repair: false }]);
  expect((await rig.refit('verify')).stderr).toContain('expected deploy and verify of m@1 have succeeded');
  expect((await rig.json(1, 'promote', 'm@1', '--reason', 'still broken')).delivered).toEqual([]);
  expect(await codes(rig)).toEqual(['hook-failed']);
  rig.write({ 'deploy.txt': '', 'verify.txt': 'fail 1' });
  await rig.json(1, 'promote', 'm@1', '--reason', 'does not verify');
  expect((await findings(rig)).map(({ expected }) => expected)).toEqual(['verify of m@1 has succeeded']);
  rig.write({ 'verify.txt': '' });
  const again = await rig.json(0, 'promote', 'm@1', '--reason', 'corrected');
  expect([again.promotion, again.delivered]).toEqual([null, ['verify']]);
  expect(await codes(rig)).toEqual([]);
  expect((await rig.json(0, 'doctor')).healthy).toBe(true);
  expect(calls(rig)).toEqual([
    'deploy m-1 1 model 1',
    'deploy m-1 1 model 1',
    'deploy m-1 1 model 1',
    'verify m-1 1 model 1',
    'deploy m-1 1 model 1',
    'verify m-1 1 model 1',
  ]);
  const { ledger } = await rig.json(0, 'served', 'm');
  expect(ledger.slice(-2)).toMatchObject([
    { kind: 'hook', hook: 'deploy', outcome: 'delivered', reason: 'corrected' },
    { kind: 'hook', hook: 'verify', outcome: 'delivered', reason: 'corrected' },
  ]);
  // There is nothing left to run.
  expect((await rig.json(0, 'promote', 'm@1', '--reason', 'once more')).delivered).toEqual([]);
  expect(calls(rig)).toHaveLength(6);
});

it('says at every retrain that a deploy of what serves has failed, and which command runs it again', async () => {
  using rig = await hooked(1);
  const [file] = Object.keys(yaml());
  rig.write({ [file ?? '']: `${rig.read(file ?? '')}retrain: weekly\n`, 'deploy.txt': 'fail 1' });
  await rig.json(1, 'promote', 'm@1', '--reason', 'first');
  const [open] = await findings(rig);
  expect(open).toMatchObject({ code: 'hook-failed', repair: expect.stringContaining('refit promote m@1') });
  for (const args of [['m', '--dry-run'], ['m'], ['--all']]) {
    const { stdout } = await rig.refit('retrain', ...args);
    expect(stdout).toContain(`hook-failed serving/m: ${open?.found}`);
    expect(stdout).toContain(open?.repair);
    const told = await rig.json(0, 'retrain', ...args);
    expect((told.pipelines?.[0] ?? told).serving).toEqual([open]);
  }
  // Another "no" is no news for cron.
  expect((await rig.refit('retrain', 'm', '--quiet')).stdout).toBe('');
  rig.write({ 'deploy.txt': '' });
  await rig.json(0, 'promote', 'm@1', '--reason', 'corrected');
  expect((await rig.json(0, 'retrain', 'm')).serving).toEqual([]);
});

it.each([
  ['the version is kept', ', on_failure: keep', (rig: Rig) => promote(rig, 3), 3],
  ['its hook is taken out', ', on_failure: keep', (rig: Rig) => rig.write(yaml()), 2],
  ['a hook is added', ', on_failure: keep', (rig: Rig) => rig.write(yaml(`${HOOKS}, on_failure: keep`)), 2],
])(
  'no longer names a failed deploy once another one succeeds or none is asked for: %s',
  async (_, more, settle, serving) => {
    using rig = await withVersions(3, `, deploy: ${HOOK('deploy')}${more}`, { 'deploy.txt': '', 'verify.txt': '' });
    await promote(rig, 1);
    rig.write({ 'deploy.txt': 'fail 2' });
    await rig.json(1, 'promote', 'm@2', '--reason', 'second');
    expect(await codes(rig)).toEqual(['hook-failed']);
    rig.write({ 'deploy.txt': '' });
    await settle(rig);
    if (serving === 2) await promote(rig, 2);
    expect(await codes(rig)).toEqual([]);
    expect(pointer(rig).version).toBe(serving);
  },
);

it('runs a hook again that refit was killed in, with the same key, by the next command on the pipeline', async () => {
  using rig = await withVersions(1, `, deploy: { run: 'echo "$REFIT_DEPLOYMENT" >> keys.txt; ${STEERED}' }`);
  const killed = rig.start('promote', 'm@1', '--reason', 'first');
  await rig.started('deploy');
  killed.kill('SIGKILL');
  await killed.ended;
  expect(await codes(rig)).toEqual(['hook-owed']);
  const next = rig.start('run', 'm');
  await (await rig.started('deploy')).exit(0);
  const ended = await next.ended;
  expect([ended.exit, ended.stderr]).toEqual([
    0,
    expect.stringContaining('had not ended when refit was interrupted: run now'),
  ]);
  const [first, second] = rig.read('keys.txt').trim().split('\n');
  expect(second).toBe(first);
  expect(await codes(rig)).toEqual([]);
});

it('goes back also when it is the next command that finds the hook failing', async () => {
  using rig = await withVersions(2, `, verify: { run: 'test "$REFIT_VERSION" = 1 || { ${STEERED}; }' }`);
  await promote(rig, 1);
  const killed = rig.start('promote', 'm@2', '--reason', 'second');
  await rig.started('verify');
  killed.kill('SIGKILL');
  await killed.ended;
  expect(pointer(rig).version).toBe(2);
  const next = rig.start('run', 'm');
  await (await rig.started('verify')).exit(1);
  expect((await next.ended).stderr).toContain('failed now, version 1 serves again');
  expect(pointer(rig)).toMatchObject({ version: 1, generation: 3 });
});

it('does not run the hook of another pipeline again while it runs', async () => {
  using rig = await withVersions(1, `, deploy: { run: ${STEERED} }`, {
    'pipelines/other.yaml':
      'pipeline: other\nsteps:\n  s: { run: echo x > x.txt, inputs: [], outputs: [x.txt] }\nmodel: x.txt\n',
  });
  const promoting = rig.start('promote', 'm@1', '--reason', 'first');
  const deploy = await rig.started('deploy');
  const other = await rig.refit('run', 'other');
  expect([other.exit, other.stderr]).toEqual([0, expect.not.stringContaining('interrupted')]);
  expect(rig.startedCount('deploy')).toBe(1);
  await deploy.exit(0);
  expect((await promoting.ended).exit).toBe(0);
});

it('finds a model that was edited in place, names it, and serves the registered bytes again, and keeps what was edited for a look at it', async () => {
  using rig = await withVersions(1);
  await promote(rig, 1);
  const folder = `serving/m/${target(rig)}`;
  rig.write({ [`${folder}/model.txt`]: 'edited' });
  const found = await findings(rig);
  expect(found).toMatchObject([{ code: 'model-changed', path: folder }]);
  expect((await rig.refit('status', 'm')).stdout).toContain(found[0].repair);
  const repaired = await rig.json(0, 'promote', 'm@1', '--reason', 'put right');
  expect(repaired.repaired).toMatchObject([{ code: 'model-changed' }]);
  expect(rig.read('serving/m/current/model.txt')).toBe('model 1');
  expect(rig.read(`${folder.replace('versions/', 'versions/.changed-')}/model.txt`)).toBe('edited');
  expect(target(rig)).toMatch(/\.2$/);
  expect(await codes(rig)).toEqual([]);
  expect((await rig.json(0, 'served', 'm')).ledger.at(-1)).toMatchObject({ kind: 'repair', version: 1 });
});

it.each([
  ['link-moved', (rig: Rig, other: string) => rig.link('serving/m/current', other)],
  ['link-missing', (rig: Rig) => rig.remove('serving/m/current')],
  ['folder-missing', (rig: Rig) => rig.remove(`serving/m/${target(rig)}`)],
  ['model-changed', (rig: Rig) => rig.write({ [`serving/m/${target(rig)}/refit.json`]: '{}' })],
  ['model-changed', (rig: Rig) => rig.write({ [`serving/m/${target(rig)}/more.txt`]: 'x' })],
  ['pointer-missing', (rig: Rig) => rig.remove('serving/m/current.json')],
  ['pointer-changed', (rig: Rig) => rig.write({ 'serving/m/current.json': '{"version": 1}' })],
])('finds %s, and puts it right', async (code, harm) => {
  using rig = await withVersions(2);
  await promote(rig, 1);
  const other = target(rig);
  await promote(rig, 2);
  harm(rig, other);
  expect(await codes(rig)).toEqual([code]);
  await rig.json(0, 'promote', 'm@2', '--reason', 'put right');
  expect(await codes(rig)).toEqual([]);
  expect(rig.read('serving/m/current/model.txt')).toBe('model 2');
  expect(pointer(rig)).toMatchObject({ version: 2, path: target(rig), generation: 2 });
});

it('says in words when a folder stands where the link belongs, and publishes nothing', async () => {
  using rig = await withVersions(1);
  rig.write({ 'serving/m/current/by-hand.txt': 'x' });
  const ended = await rig.refit('promote', 'm@1', '--reason', 'first');
  expect([ended.exit, ended.stderr]).toEqual([1, expect.stringContaining('serving/m/current cannot be written')]);
  expect(await history(rig)).toEqual([]);
  rig.remove('serving/m/current');
  await promote(rig, 1);
  expect(await codes(rig)).toEqual([]);
});

it.each([
  ['that has the model', () => undefined],
  ['that is empty', (rig: Rig) => rig.remove('serving/m/current/model.txt')],
  ['with another model', (rig: Rig) => rig.write({ 'serving/m/current/model.txt': 'other' })],
])('refuses to call it served where a folder stands in the place of the link %s', async (_, harm) => {
  using rig = await withVersions(1);
  await promote(rig, 1);
  rig.remove('serving/m/current');
  rig.write({ 'serving/m/current/model.txt': 'model 1' });
  harm(rig);
  const [found] = await findings(rig);
  expect(found?.code).toBe('link-replaced');
  const refused = await rig.refit('promote', 'm@1', '--reason', 'put right');
  expect([refused.exit, refused.stderr]).toEqual([7, expect.stringContaining('remove it; then refit promote m@1')]);
  const { problems } = await rig.json(7, 'doctor', '--repair');
  expect(problems).toMatchObject([{ code: 'not-served', can_repair: false, failure: null }]);
  expect(problems[0].remedy).toContain('remove it');
  rig.remove('serving/m/current');
  await promote(rig, 1);
  expect(await codes(rig)).toEqual([]);
});

it('finds that somebody wrote into the ledger or the history', async () => {
  using rig = await withVersions(2);
  await promote(rig, 1);
  await promote(rig, 2);
  expect(await codes(rig)).toEqual([]);
  rig.update("UPDATE alias_move SET reason = 'a better one' WHERE generation = 1");
  const found = await findings(rig);
  expect(found).toMatchObject([{ code: 'ledger-broken', found: expect.stringContaining('disagree') }]);
});

it('begins the ledger of an older registry with the moves that were made before it', async () => {
  using rig = await withVersions(3);
  await promote(rig, 1);
  await promote(rig, 2);
  // as a registry of before the ledger has it
  rig.update('DELETE FROM ledger_entry; UPDATE alias_move SET trigger_kind = NULL');
  rig.remove('.refit/ledger-head.json');
  expect(await codes(rig)).toEqual([]);
  await promote(rig, 3);
  const { ledger } = await rig.json(0, 'served', 'm');
  expect(ledger.map(({ to, recorded }: Document) => [to, recorded])).toEqual([
    [1, 'before the ledger'],
    [2, 'before the ledger'],
    [3, undefined],
  ]);
  expect(await codes(rig)).toEqual([]);
});
