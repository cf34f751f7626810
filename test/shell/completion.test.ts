import { describe, expect, it } from 'vitest';
import { isInstalled } from '../support/required.js';
import { createRig, type Rig } from '../support/rig.js';
import { hasStrace, traceRefit } from '../support/strace.js';
import { isFound, openShell } from './shell-session.js';

const PIPELINE = `pipeline: sales
steps:
  extract: { run: "echo 1 > rows.csv; echo '{\\"rows\\": 3}' > m.json", inputs: [], outputs: [rows.csv], metrics: m.json }
  train: { run: "cp rows.csv model.txt", inputs: [rows.csv], outputs: [model.txt] }
model: { name: price, path: model.txt }
profiles: { test: { params: {} } }
`;
const BREAKS = ' \t\n"\'@><=;|&(:';

/** Names that a shell would obey if they reached it unescaped. */
const HOSTILE = [
  '$(touch hacked)',
  '`touch hacked`',
  'a; touch hacked',
  "it's",
  'two words',
  '"quoted"',
  '-rf',
  'x\ttab',
  'x\nline',
];

/** The words that refit offers after a line, as zsh and fish get them. */
async function offered(rig: Rig, line: string): Promise<readonly string[]> {
  const { exit, stdout, stderr } = await rig.refit('completion', 'zsh', '--', ...line.split(' '));
  expect({ line, exit, stderr }).toEqual({ line, exit: 0, stderr: '' });
  return stdout.split('\n').slice(0, -1);
}

const inBash = async (rig: Rig, line: string): Promise<readonly string[]> =>
  (await rig.refit('completion', 'bash', `--line=refit ${line}`, `--breaks=${BREAKS}`)).stdout.split('\n').slice(0, -1);

it('offers commands, options, choices and the names of the workspace', async () => {
  using rig = createRig({
    'pipelines/sales.yaml': PIPELINE,
    'refit.yaml': 'remotes: { team: { url: ./team } }\nnotifications: { chat: { run: "true" } }\n',
  });
  const { run } = await rig.json(0, 'run', 'sales');
  await rig.json(0, 'promote', 'price@1', '--reason', 'r');
  await rig.json(0, 'pause', 'sales', '--reason', 'r').catch(() => undefined);
  const versions = ['price@1', 'price@champion'];
  for (const [line, words] of [
    ['stat', ['status']],
    ['help sho', ['show']],
    ['run ', ['sales']],
    ['run sales --onl', ['--only']],
    ['run sales --only ', ['extract', 'train']],
    ['run sales --force=tr', ['--force=train']],
    ['plan sales --profile ', ['test']],
    ['show ', ['latest', run.id]],
    [`show ${run.id.slice(0, 10)}`, [run.id]],
    ['logs latest ', ['extract', 'train']],
    ['promote ', versions],
    ['diff price@', versions],
    ['why pri', ['price', ...versions]],
    ['rollback ', ['price']],
    ['metrics sales --key ', ['rows']],
    ['init --template ', ['sklearn', 'python', 'pytorch', 'r', 'node']],
    ['resolve x --as ', ['bug', 'normal']],
    ['export ', ['openlineage', 'mlflow', 'prometheus', 'argo', 'airflow', 'snakemake', 'kubernetes-cronjob']],
    ['push ', ['team']],
    ['notify ', ['chat']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['run sales --jobs ', []],
    ['nonsense ', []],
  ] as const)
    expect({ line, words: await offered(rig, line) }).toEqual({ line, words });
  expect(await offered(rig, 'run --')).toContain('--keep-going');
  expect(await offered(rig, 'run --json --js')).toEqual([]);
}, 300_000);

it('offers decisions and open findings', async () => {
  using rig = createRig();
  await rig.json(0, 'init', '.', '--template', 'node');
  await rig.json(0, 'run', 'hello');
  await rig.json(0, 'promote', 'hello@1', '--reason', 'r');
  for (const file of rig.list('hello/sales')) rig.remove(`hello/sales/${file}`);
  rig.write({ 'hello/sales/february.csv': rig.read('hello/february.csv').replace('price', 'cost') });
  const { id } = await rig.json(4, 'retrain', 'hello');
  const { pipelines } = await rig.json(0, 'status');
  const findings = pipelines[0].open_findings.map((one: { id: string }) => one.id);
  expect(findings.length).toBeGreaterThan(0);
  expect(await offered(rig, 'resolve ')).toEqual(expect.arrayContaining(findings));
  expect(await offered(rig, `why ${id.slice(0, 8)}`)).toContain(id);
}, 300_000);

it('replaces only the part of a word that bash replaces', async () => {
  using rig = createRig({ 'pipelines/sales.yaml': PIPELINE });
  await rig.json(0, 'run', 'sales');
  await rig.json(0, 'promote', 'price@1', '--reason', 'r');
  expect(await inBash(rig, 'why price@')).toEqual(['@1', '@champion']);
  expect(await inBash(rig, 'run sales --force=tr')).toEqual(['train']);
  expect(await inBash(rig, 'why "price@c')).toEqual(['price@champion']);
});

it('escapes for bash what a shell would obey, and offers no control characters', async () => {
  using rig = createRig(Object.fromEntries(HOSTILE.map((name) => [`pipelines/${name}.yaml`, 'steps: {}\n'])));
  expect([...(await inBash(rig, 'run '))].sort()).toEqual(
    [
      '\\$\\(touch\\ hacked\\)',
      '\\`touch\\ hacked\\`',
      'a\\;\\ touch\\ hacked',
      "it\\'s",
      'two\\ words',
      '\\"quoted\\"',
      '-rf',
    ].sort(),
  );
  // In an open quote a name that would be obeyed is not offered.
  expect(await inBash(rig, 'run "$')).toEqual([]);
  expect(await inBash(rig, 'run two\\ w')).toEqual(['two\\ words']);
});

it('is silent outside a workspace, and with a registry that is missing, broken, newer or tracked', async () => {
  using rig = createRig({ 'readme.txt': '' });
  expect(await offered(rig, 'run ')).toEqual([]);
  rig.write({ 'pipelines/sales.yaml': PIPELINE });
  expect(await offered(rig, 'show ')).toEqual(['latest']);
  expect(rig.has('.refit')).toBe(false);
  rig.write({ '.refit/registry.db': 'no database '.repeat(200), 'pipelines/broken.yaml': 'steps: {' });
  expect(await offered(rig, 'show ')).toEqual(['latest']);
  expect(await offered(rig, 'run sales --only ')).toEqual(['extract', 'train']);
  expect(await offered(rig, 'run broken --only ')).toEqual([]);
});

it.skipIf(!isInstalled(hasStrace(), 'strace'))('starts no process and opens no connection', async () => {
  using rig = createRig({ 'pipelines/sales.yaml': PIPELINE });
  await rig.json(0, 'run', 'sales');
  const before = rig.files();
  const { exit, output, started, connected, written } = traceRefit(rig.root, ['completion', 'zsh', '--', 'show', '']);
  expect({ exit, lines: output.trim().split('\n').length, connected }).toEqual({ exit: 0, lines: 2, connected: [] });
  expect(started.filter((program) => program !== process.execPath)).toEqual([]);
  expect(
    written.filter((path) => !path.startsWith(`${rig.root}/.refit/registry.db`) && !path.startsWith('/dev/')),
  ).toEqual([]);
  expect(rig.files()).toEqual(before);
});

describe.each(['bash', 'zsh', 'fish'])('in a real %s', (shell) => {
  const canRun = isInstalled(isFound(shell) && isFound('tmux'), `${shell} in tmux`);

  it.skipIf(!canRun)(
    'completes commands, options and names',
    async () => {
      using rig = createRig({ 'pipelines/sales.yaml': PIPELINE });
      await rig.json(0, 'run', 'sales');
      await rig.json(0, 'promote', 'price@1', '--reason', 'r');
      using session = await openShell(rig, shell);
      await session.type(['refit stat', 'Tab'], /> refit status/);
      await session.type(['C-u', 'refit run sal', 'Tab'], /> refit run sales/);
      await session.type(['--only tra', 'Tab'], /> refit run sales --only train/);
      await session.type(['C-u', 'refit why price@ch', 'Tab'], /> refit why price@champion/);
      await session.type(['C-u', 'refit run --keep-g', 'Tab'], /> refit run --keep-going/);
    },
    60_000,
  );

  it.skipIf(!canRun)(
    'runs no code of a name that it completes',
    async () => {
      using rig = createRig({ 'pipelines/zz$(touch hacked).yaml': 'steps: {}\n' });
      using session = await openShell(rig, shell);
      await session.type(['refit show --json; refit plan zz', 'Tab'], /refit plan \S*zz\S/);
      await session.type(['Enter', 'echo ended', 'Enter'], /^ended/m);
      expect(rig.has('hacked')).toBe(false);
      const screen = await session.type(['C-u'], /^ended/m);
      expect(screen).toContain('touch hacked');
    },
    60_000,
  );
});
