import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import {
  createShare,
  expectWhole,
  historyOf,
  PIPELINE,
  sha256,
  train,
  trainAndPromote,
  workspace,
} from '../support/remotes.js';
import type { Document, Rig } from '../support/rig.js';

const LOOP = `${PIPELINE}  gate: [auc >= 0.6]
  evaluate: { run: 'cp train.json "$REFIT_OUT"; cp train.json evaluation.json', inputs: [train.json] }
`
  .replace('cp train.json "$REFIT_OUT"; cp train.json evaluation.json', 'cp train.json ${{ evaluation.path }}')
  .concat(`retrain:
  when: { code_change: true }
`);

it('gives an empty machine everything it needs to serve, explain and continue training', async () => {
  using share = createShare();
  using a = workspace({ 'pipelines/m.yaml': LOOP });
  const first = await a.json(0, 'retrain', 'm');
  expect(first.decision).toBe('retrain');
  await a.json(0, 'note', 'm@1', 'looks good');
  const pushed = await a.json(0, 'push', share.path);
  expect(pushed).toMatchObject({
    entry: 1,
    runs: 1,
    versions: [{ model: 'm', version: 1 }],
    overtaken: [],
    pulled: null,
  });
  expect(await a.json(0, 'push', share.path)).toMatchObject({ entry: null, runs: 0 });

  using b = workspace({ 'pipelines/m.yaml': LOOP });
  const pulled = await b.json(0, 'pull', share.path);
  expect(pulled).toMatchObject({ entries: 1, runs: 1, served: [{ model: 'm', version: 1, path: 'serving/m' }] });
  expect(b.read('serving/m/current/model.txt')).toBe('first');
  await expectWhole(b);
  expect(historyOf(b)).toEqual(historyOf(a));
  const [why, other] = [await b.json(0, 'why', 'm'), await a.json(0, 'why', 'm')];
  for (const part of ['steps', 'evaluation', 'gate', 'decision', 'served'])
    expect(why[part], part).toEqual(other[part]);
  expect((await b.json(0, 'models', 'm')).notes).toHaveLength(1);

  // Nothing has changed: the steps come from the store, and there is nothing to train.
  const plan = await b.json(0, 'plan', 'm');
  expect(plan.steps[0].action).toBe('restore');
  expect((await b.json(0, 'run', 'm')).run.steps.map((step: Document) => step.status)).toEqual([
    'restored',
    'restored',
  ]);
  expect((await b.json(0, 'retrain', 'm')).decision).toBe('wait');
  b.write({ 'pipelines/m.yaml': LOOP.replace('> model.txt', '> model.txt; echo next >> model.txt') });
  const again = await b.json(0, 'retrain', 'm');
  expect(again).toMatchObject({ decision: 'retrain', promotion: { from: 1, to: 2 } });
  expect(again.run.steps.map((step: Document) => step.status)).toEqual(['skipped', 'succeeded']);
  await b.json(0, 'push', share.path);
  const back = await a.json(0, 'pull', share.path);
  expect(back.champions).toMatchObject([{ model: 'm', version: 2 }]);
  expect(historyOf(a)).toEqual(historyOf(b));
  await expectWhole(a);
  await expectWhole(b);
});

it('merges what others pushed when no champion conflicts, and renumbers versions with the same number', async () => {
  using share = createShare();
  using a = workspace();
  using b = workspace();
  await trainAndPromote(a, 'of a');
  await a.json(0, 'push', share.path);
  const candidate = await train(b, 'of b');
  expect(candidate.version).toBe(1);
  const pushed = await b.json(0, 'push', share.path);
  expect(pushed.pulled).toMatchObject({
    runs: 1,
    renumbered: [{ model: 'm', former: 1, version: 2, run: candidate.run }],
    served: [{ model: 'm', version: 1, path: 'serving/m' }],
  });
  expect(pushed.champions).toMatchObject([{ version: 1, hash: sha256('of a') }]);
  expect(b.query('SELECT former, version FROM renumbered')).toEqual([{ former: 1, version: 2 }]);
  expect(b.read('serving/m/current/model.txt')).toBe('of a');
  await a.json(0, 'pull', share.path);
  expect(historyOf(a)).toEqual(historyOf(b));
  expect((await a.json(0, 'why', 'm@2')).version.hash).toBe(sha256('of b'));
  await expectWhole(a);
  await expectWhole(b);
});

it('keeps promotions of different models by several machines', async () => {
  using share = createShare();
  const second = PIPELINE.replace('pipeline: m', 'pipeline: n').replaceAll(
    /source\.txt|model\.txt|train\.json|out\b|serving\/m/g,
    (path) => `n-${path.replace('/', '-')}`,
  );
  // Where a model is published is said by the pipeline of each workspace.
  using a = workspace({ 'pipelines/n.yaml': second });
  using b = workspace({ 'pipelines/n.yaml': second, 'n-source.txt': 'the n' });
  await trainAndPromote(a, 'the m');
  await b.json(0, 'run', 'n');
  await b.json(0, 'promote', 'n@1', '--reason', 'n');
  await b.json(0, 'note', 'n', 'said before the pull');
  const [inA, inB] = await Promise.all([a.refit('push', share.path), b.refit('push', share.path)]);
  expect([inA.exit, inB.exit], `${inA.stderr}${inB.stderr}`).toEqual([0, 0]);
  for (const rig of [a, b]) {
    const pulled = await rig.json(0, 'pull', share.path);
    expect(pulled.champions.map((one: Document) => [one.model, one.version])).toEqual([
      ['m', 1],
      ['n', 1],
    ]);
    expect(rig.read('serving/m/current/model.txt')).toBe('the m');
    expect(rig.read('n-serving-m/current/n-model.txt')).toBe('the n');
    const verified = await rig.json(0, 'verify');
    expect(verified.registry).toEqual([]);
  }
  expect(historyOf(a)).toEqual(historyOf(b));
});

it('keeps the reason of an overtaken promotion in the ledger of both machines', async () => {
  using share = createShare();
  using a = workspace();
  using b = workspace();
  await trainAndPromote(a, 'of a');
  await trainAndPromote(b, 'of b');
  await b.json(0, 'note', 'm@1', 'a good one');
  await a.json(0, 'push', share.path);
  const lost = await b.refit('push', share.path, '--json');
  expect(lost.exit).toBe(8);
  expect(lost.stderr).toMatch(/m@1 \(\w{8}\) is not the champion .* m@1 \(\w{8}, run [\w-]+\) was pushed first/);
  expect(lost.stderr).toContain(`refit pull ${share.path}`);
  // The run and the version are there already, under the number that the log assigned.
  await a.json(0, 'pull', share.path);
  expect(a.query('SELECT version, hash FROM model_version ORDER BY 1')).toEqual([
    { version: 1, hash: sha256('of a') },
    { version: 2, hash: sha256('of b') },
  ]);
  expect((await b.refit('push', share.path)).exit).toBe(8);
  const pulled = await b.json(0, 'pull', share.path);
  expect(pulled).toMatchObject({
    renumbered: [{ former: 1, version: 2 }],
    overtaken: [{ model: 'm', alias: 'champion', ours: { version: 2 }, theirs: { version: 1 } }],
  });
  const { ledger } = await b.json(0, 'served', 'm');
  expect(ledger.map((entry: Document) => entry.kind)).toEqual(['promotion', 'overtaken', 'note']);
  expect(ledger[1].entry).toMatchObject({ kind: 'promotion', to: 2, reason: 'of b' });
  expect((await b.refit('served', 'm')).stdout).toContain('overtaken');
  // The folder of the machine that lost, and what it says was served when, follow the champion of the remote.
  expect(b.read('serving/m/current/model.txt')).toBe('of a');
  const { hash, until } = await b.json(0, 'served', 'm');
  expect({ hash, until }).toEqual({ hash: sha256('of a'), until: null });
  await expectWhole(b);
  await b.json(0, 'push', share.path);
  await a.json(0, 'pull', share.path);
  expect(historyOf(a)).toEqual(historyOf(b));
  await b.json(0, 'promote', 'm@2', '--reason', 'judged again');
  await b.json(0, 'push', share.path);
  await a.json(0, 'pull', share.path);
  expect(a.read('serving/m/current/model.txt')).toBe('of b');
  await expectWhole(a);
});

it('says that a pulled champion is not published while the pipeline here cannot be read, and publishes it afterwards', async () => {
  using share = createShare();
  using a = workspace();
  using b = workspace();
  await trainAndPromote(a, 'of a');
  await a.json(0, 'push', share.path);
  b.write({ 'pipelines/m.yaml': 'steps: [' });
  const pulled = await b.refit('pull', share.path);
  expect(pulled.stderr).toContain('the pipeline m cannot be read, so what it publishes was left as it is');
  expect(b.has('serving/m/current')).toBe(false);
  b.write({ 'pipelines/m.yaml': PIPELINE });
  await b.refit('promote', 'm@1', '--reason', 'judged here');
  expect(b.read('serving/m/current/model.txt')).toBe('of a');
});

it('fetches what is needed, reports what stays at the remote, and fetches the rest with --all', async () => {
  using share = createShare();
  using a = workspace();
  for (const source of ['one', 'two', 'three', 'four']) await trainAndPromote(a, source);
  await a.json(0, 'push', share.path);
  using b = workspace();
  const pulled = await b.json(0, 'pull', share.path);
  const stored = (hash: string): boolean => b.has(`.refit/store/${hash.slice(0, 2)}/${hash.slice(2)}`);
  expect(['one', 'two', 'three', 'four'].map((source) => stored(sha256(source)))).toEqual([false, false, true, true]);
  expect(pulled.objects.elsewhere).toBeGreaterThan(0);
  await expectWhole(b);
  expect((await b.json(0, 'why', 'm@1')).integrity.damaged).toEqual([]);
  // An object that is only at the remote is not damage, and a rollback to it says where it is.
  const back = await b.refit('rollback', 'm', '--to', '1', '--reason', 'x');
  expect(back.exit).toBe(7);
  expect(back.stderr).toContain('a remote has them, and no pull fetched them');
  expect(back.stderr).toContain('refit pull <remote> --all');
  await b.json(0, 'pull', share.path, '--all');
  await b.json(0, 'rollback', 'm', '--to', '1', '--reason', 'x');
  expect(b.read('serving/m/current/model.txt')).toBe('one');
  await expectWhole(b);
  // Objects that were lost here are fetched again from the remote.
  rmSync(join(b.root, '.refit/store'), { recursive: true });
  await b.json(7, 'verify');
  await b.json(0, 'pull', share.path, '--all');
  await expectWhole(b);
});

it('says of bytes that are not here whether gc removed them here, they never came, or a pull fetches them', async () => {
  using share = createShare();
  using a = workspace({ 'refit.yaml': 'retention: { versions: 1, days: 0 }\n' });
  for (const source of ['one', 'two', 'three', 'four']) await trainAndPromote(a, source);
  await a.json(0, 'gc', '--apply');
  await a.json(0, 'push', share.path);
  using b = workspace();
  await b.json(0, 'pull', share.path);
  // The date is that of the push, and nothing was removed on b.
  const back = (rig: Rig, version: number) => rig.refit('rollback', 'm', '--to', String(version), '--reason', 'x');
  expect((await back(a, 1)).stderr).toContain('of m@1 are not in the store: gc removed them 20');
  const never = await back(b, 1);
  expect([never.exit, never.stderr.replaceAll(/\s+/g, ' ')]).toEqual([
    5,
    expect.stringContaining('they were never here, and the machine that pushed them did not have them any more'),
  ]);
  expect(never.stderr).not.toContain('gc removed');
  // Once they have been here, gc here is what removed them.
  await train(b, 'one');
  b.write({ 'refit.yaml': 'retention: { versions: 1, days: 0 }\n' });
  await train(b, 'five');
  await b.json(0, 'gc', '--apply');
  expect((await back(b, 1)).stderr).toContain('gc removed them 20');
});

it('reports an unknown remote, an unmounted share, and a remote that lost its history', async () => {
  using share = createShare();
  using a = workspace({ 'refit.yaml': `remotes: { ci: { url: "${share.path}" } }\n` });
  const unknown = await a.refit('push', 'prod');
  expect(unknown.exit).toBe(2);
  expect(unknown.stderr).toContain('there are: ci');
  const gone = await a.refit('push', join(share.path, 'not/there'));
  expect(gone.exit).toBe(1);
  expect(gone.stderr).toContain('is the share mounted?');
  expect((await a.refit('pull', 'ci')).exit).toBe(1);
  mkdirSync(share.path);
  const empty = await a.refit('pull', 'ci');
  expect(empty.exit).toBe(0);
  expect(empty.stdout).toContain('nothing to pull');
  await trainAndPromote(a, 'one');
  await a.json(0, 'push', 'ci');
  rmSync(share.path, { recursive: true });
  mkdirSync(share.path);
  const lost = await a.refit('push', 'ci');
  expect(lost.exit).toBe(7);
  expect(lost.stderr).toContain('is the share mounted?');
  expect(readdirSync(share.path)).toEqual([]);
  expect(await a.json(0, 'push', 'ci', '--new', '--all')).toMatchObject({ entry: 1, runs: 1 });
  a.write({ 'refit.yaml': 'remotes: { ci: { url: "https://example.org/x", adress: 1 } }\n' });
  const wrong = await a.refit('pull', 'ci');
  expect(wrong.exit).toBe(2);
  expect(wrong.stderr).toContain('"adress"');
});

it('rejects objects whose bytes do not match their name, and a rewritten log', async () => {
  using share = createShare();
  using a = workspace();
  await trainAndPromote(a, 'one');
  await a.json(0, 'push', share.path);
  const bundles = join(share.path, 'bundles');
  const [prefix = ''] = readdirSync(bundles);
  const [name = ''] = readdirSync(join(bundles, prefix));
  const bundle = join(bundles, prefix, name);
  const size = statSync(bundle).size;
  writeFileSync(bundle, ' '.repeat(size));
  using b = workspace();
  const pulled = await b.refit('pull', share.path);
  expect(pulled.exit).toBe(7);
  expect(pulled.stderr).toContain('bundle');
  expect(b.query('SELECT id FROM run')).toEqual([]);
  // A damaged local object is not pushed.
  await trainAndPromote(a, 'two');
  const hash = sha256('two');
  const object = join(a.root, '.refit/store', hash.slice(0, 2), hash.slice(2));
  rmSync(object);
  writeFileSync(object, 'TWO');
  const push = await a.refit('push', share.path);
  expect(push.exit).toBe(7);
  expect(push.stderr).toContain('doctor');
  expect(readdirSync(join(share.path, 'log'))).toEqual(['000000000001']);
  expect(dirname(object)).toContain('.refit/store');
});

const DEPLOYED = PIPELINE.replace(
  'keep: 2 }',
  `keep: 2, deploy: { run: 'echo "$REFIT_GENERATION" >> deployed.txt' } }`,
);

it('runs no hooks of promotions made elsewhere, and keeps the hooks of an overtaken promotion with it', async () => {
  using share = createShare();
  using a = workspace({ 'pipelines/m.yaml': DEPLOYED });
  using b = workspace({ 'pipelines/m.yaml': DEPLOYED });
  await trainAndPromote(a, 'of a');
  await trainAndPromote(b, 'of b');
  await a.json(0, 'push', share.path);
  expect((await b.refit('push', share.path)).exit).toBe(8);
  await b.json(0, 'pull', share.path);
  await b.json(0, 'run', 'm');
  expect([a.read('deployed.txt'), b.read('deployed.txt')]).toEqual(['1\n', '1\n']);
  const { ledger } = await b.json(0, 'served', 'm');
  expect(ledger.map((entry: Document) => [entry.kind, entry.entry?.kind])).toEqual([
    ['promotion', undefined],
    ['hook', undefined],
    ['overtaken', 'promotion'],
    ['overtaken', 'hook'],
  ]);
  const [kept] = b.query('SELECT move_json FROM overtaken_move');
  expect(JSON.parse(kept.move_json)).toMatchObject({
    owed_hook: [{ hook: 'deploy' }],
    hook_end: [{ outcome: 'delivered' }],
  });
  await expectWhole(b);
  await b.json(0, 'promote', 'm@2', '--reason', 'again');
  await b.json(0, 'push', share.path);
  await a.json(0, 'pull', share.path);
  await a.json(0, 'run', 'm');
  expect([a.read('deployed.txt'), b.read('deployed.txt')]).toEqual(['1\n', '1\n2\n']);
  await expectWhole(a);
});

it('sends no notice that was sent where it happened, and still sends its own', async () => {
  using share = createShare();
  const settings = {
    'refit.yaml':
      'notifications: { log: { run: \'echo "$REFIT_NOTICE_SUMMARY" >> told.txt\', on: [promotion, rollback] } }\n',
    'told.txt': '',
  };
  using a = workspace(settings);
  using b = workspace(settings);
  await trainAndPromote(b, 'of b');
  await b.json(0, 'push', share.path);
  await a.json(0, 'pull', share.path);
  await trainAndPromote(a, 'of a');
  await a.json(0, 'push', share.path);
  await b.json(0, 'pull', share.path);
  await b.json(0, 'rollback', 'm', '--reason', 'back');
  const told = (rig: Rig): readonly string[] => rig.read('told.txt').trim().split('\n');
  expect(told(a)).toHaveLength(1);
  expect(told(b)).toHaveLength(2);
  expect(told(b)[1]).toContain('in place of version 2');
});

it('exchanges a registry that is older than the ledger and the seals', async () => {
  using share = createShare();
  using a = workspace();
  mkdirSync(join(a.root, '.refit'));
  const db = new Database(join(a.root, '.refit/registry.db'));
  db.exec(readFileSync(resolve('test/fixtures/registry/format-5.sql'), 'utf8'));
  db.pragma('journal_mode = WAL');
  db.close();
  // Nothing is sent of a champion that no machine could serve.
  expect((await a.refit('push', share.path)).exit).toBe(7);
  const [champion] = a.query('SELECT hash FROM model_version WHERE version = 1');
  const object = join(share.path, 'objects', champion?.hash.slice(0, 2), champion?.hash.slice(2));
  mkdirSync(dirname(object), { recursive: true });
  writeFileSync(object, 'damaged');
  await a.json(0, 'push', share.path);
  using b = workspace();
  // The champion's bytes are damaged, so it cannot be served, but its whole history was pulled.
  const pulled = await b.refit('pull', share.path);
  expect(pulled.exit).toBe(7);
  expect(historyOf(b)).toEqual(historyOf(a));
  expect((await b.json(7, 'verify')).registry).toEqual([]);
});

const entryPath = (share: { readonly path: string }, number: number): string =>
  join(share.path, 'log', String(number).padStart(12, '0'), 'entry.json');

it.each(['a copy of the workspace', 'a registry from a backup'])(
  'sends nothing a second time in a losing push from %s',
  async (from) => {
    using share = createShare();
    using a = workspace();
    using b = workspace();
    using copy = workspace();
    await trainAndPromote(a, 'the first');
    await a.json(0, 'note', 'm@1', 'a good one');
    rmSync(copy.root, { recursive: true });
    cpSync(a.root, copy.root, { recursive: true, verbatimSymlinks: true });
    await a.json(0, 'push', share.path);
    await b.json(0, 'pull', share.path);
    await trainAndPromote(b, 'of b');
    await b.json(0, 'push', share.path);
    if (from === 'a registry from a backup') {
      rmSync(join(a.root, '.refit'), { recursive: true });
      cpSync(join(copy.root, '.refit'), join(a.root, '.refit'), { recursive: true });
    }
    const late = from === 'a registry from a backup' ? a : copy;
    await trainAndPromote(late, 'of a');
    const lost = await late.json(8, 'push', share.path);
    expect(lost).toMatchObject({ entry: 3, runs: 1, versions: [{ version: 3 }] });
    const [{ run }] = late.query('SELECT run FROM model_version WHERE version = 2');
    expect(lost.overtaken).toMatchObject([{ ours: { version: 2, hash: sha256('of a'), run }, theirs: { version: 2 } }]);
    using fresh = workspace();
    for (const rig of [fresh, b, late]) {
      await rig.json(0, 'pull', share.path);
      await expectWhole(rig);
      expect(rig.query('SELECT hash FROM model_version ORDER BY version')).toEqual(
        ['the first', 'of b', 'of a'].map((source) => ({ hash: sha256(source) })),
      );
    }
    await fresh.json(0, 'rollback', 'm', '--to', '1', '--reason', 'back');
  },
);

it('knows its own promotions and notes again after a backup replaced the registry that pushed them', async () => {
  using share = createShare();
  const second = PIPELINE.replace('pipeline: m', 'pipeline: n').replaceAll(
    /source\.txt|model\.txt|train\.json|out\b|serving\/m/g,
    (path) => `n-${path.replace('/', '-')}`,
  );
  using a = workspace();
  using b = workspace({ 'pipelines/n.yaml': second, 'n-source.txt': 'the n' });
  await trainAndPromote(a, 'of a');
  await a.json(0, 'push', share.path);
  await b.json(0, 'run', 'n');
  await b.json(0, 'promote', 'n@1', '--reason', 'n');
  await b.json(0, 'note', 'n@1', 'a good one');
  await trainAndPromote(b, 'of b');
  const backup = join(b.root, 'backup');
  cpSync(join(b.root, '.refit'), backup, { recursive: true });
  const restore = () => {
    rmSync(join(b.root, '.refit'), { recursive: true });
    cpSync(backup, join(b.root, '.refit'), { recursive: true });
  };
  // The champion of m is overtaken; the rest of the ledger goes to the remote after the entries of the other machine.
  await b.json(8, 'push', share.path);
  await b.json(0, 'pull', share.path);
  await b.json(0, 'push', share.path);
  const before = historyOf(b);
  restore();
  const pulled = await b.json(0, 'pull', share.path);
  expect(pulled.overtaken.map((one: Document) => one.model)).toEqual(['m']);
  expect(historyOf(b)).toEqual(before);
  await expectWhole(b);
  expect(await b.json(0, 'push', share.path)).toMatchObject({ entry: null, overtaken: [] });
  await a.json(0, 'pull', share.path);
  expect(historyOf(a)).toEqual(before);
});

it('keeps the number that a version had first, where an entry of an older refit sends it again under another', async () => {
  using share = createShare();
  using a = workspace();
  using b = workspace();
  await trainAndPromote(a, 'the first');
  await a.json(0, 'push', share.path);
  await b.json(0, 'pull', share.path);
  await trainAndPromote(b, 'of b');
  await b.json(0, 'push', share.path);
  const [first, second] = [1, 2].map((number) => readFileSync(entryPath(share, number), 'utf8'));
  const { bundles, versions } = JSON.parse(first ?? '');
  const again = { ...JSON.parse(second ?? ''), number: 3, previous: sha256(second ?? ''), moves: [], ledger: [] };
  again.bundles = bundles;
  again.versions = [{ ...versions[0], version: 3 }];
  mkdirSync(dirname(entryPath(share, 3)));
  writeFileSync(entryPath(share, 3), JSON.stringify(again));
  using fresh = workspace();
  // One has merged the number before, one gets both at once.
  for (const rig of [a, b, fresh]) {
    expect((await rig.json(0, 'pull', share.path)).renumbered).toEqual([]);
    expect(rig.query('SELECT version, hash FROM model_version ORDER BY version')).toEqual([
      { version: 1, hash: sha256('the first') },
      { version: 2, hash: sha256('of b') },
    ]);
    await expectWhole(rig);
  }
  await trainAndPromote(fresh, 'the next');
  await fresh.json(0, 'push', share.path);
  await a.json(0, 'pull', share.path);
  expect(historyOf(a)).toEqual(historyOf(fresh));
  await expectWhole(a);
});

it('publishes a pulled version into a folder of its own where another run made the same bytes under its number', async () => {
  using share = createShare();
  using a = workspace();
  using b = workspace();
  await trainAndPromote(a, 'the same');
  await trainAndPromote(b, 'the same');
  await a.json(0, 'push', share.path);
  const folder = readlinkSync(join(b.root, 'serving/m/current'));
  const pulled = await b.json(0, 'pull', share.path);
  expect(pulled.served).toMatchObject([{ model: 'm', version: 1 }]);
  const [{ run }] = a.query('SELECT run FROM model_version');
  expect(JSON.parse(b.read('serving/m/current/refit.json'))).toMatchObject({ version: 1, run });
  // A server may still read the folder of before, so nothing in it has changed.
  expect(JSON.parse(b.read(`serving/m/${folder}/refit.json`)).run).not.toBe(run);
  await expectWhole(b);
  expect((await b.json(0, 'pull', share.path)).served).toEqual([]);
  // Another word in refit.json is no other run: a pull leaves it for "status" to report.
  const manifest = join(b.root, 'serving/m/current/refit.json');
  chmodSync(manifest, 0o644);
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"version": 1', '"version": 7'));
  expect((await b.json(0, 'pull', share.path)).served).toEqual([]);
  expect((await b.json(7, 'status', 'm')).pipelines[0].serving).toMatchObject([{ code: 'model-changed' }]);
});

it('keeps several versions of one run apart, as an import may create them', async () => {
  using share = createShare();
  using a = workspace();
  await trainAndPromote(a, 'one');
  a.update(`INSERT INTO model_version SELECT model, 5, hash, kind, size, path, run, NULL, '2026-01-01T00:00:00.000Z'
    FROM model_version`);
  await a.json(0, 'push', share.path);
  using b = workspace();
  await train(b, 'other');
  const pulled = await b.json(0, 'pull', share.path);
  expect(pulled.versions.map((one: Document) => one.version)).toEqual([1, 5]);
  expect(pulled.renumbered).toMatchObject([{ former: 1, version: 6 }]);
});
