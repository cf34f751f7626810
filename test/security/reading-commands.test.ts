import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isInstalled } from '../support/required.js';
import { createRig, type Rig } from '../support/rig.js';
import { hasStrace, traceRefit } from '../support/strace.js';
import { poisonGit } from './hostile-git.js';

const canTrace = isInstalled(hasStrace(), 'strace');

let rig: Rig;
let marks: string;

const mark = (name: string): string => `touch ${marks}/${name}`;

const ROWS = (from: number, month = '01'): string =>
  `at,id,x,p,late\n${Array.from({ length: 400 }, (_, i) => {
    const day = String(1 + ((from + Math.floor(i / 20)) % 28)).padStart(2, '0');
    return `2026-${month}-${day}T${String(i % 20).padStart(2, '0')}:00:00,${from}-${i},${i % 37},${(i % 10) / 10},${i % 2}`;
  }).join('\n')}\n`;

/** Every place of a pipeline file that names a command does so; each leaves a mark when it is started. */
const pipeline = (isHostile: boolean): string => {
  const also = (name: string): string => (isHostile ? `${mark(name)}; ` : '');
  return `pipeline: p
datasets:
  rows: { path: "data/*.csv", time: at, checks: { schema: schema.yaml } }
steps:
  extract: { run: '${also('step')}head -n 100000 -q \${{ datasets.rows }} > \${{ outputs.o }}', inputs: ["\${{ datasets.rows }}"], outputs: { o: o.csv } }
  train: { run: '${also('train')}cp o.csv m.txt', inputs: [o.csv, code.sh], outputs: [m.txt] }
model:
  name: m
  path: m.txt
  evaluate: { run: '${also('evaluate')}echo "{\\"auc\\": 0.7}" > \${{ evaluation.path }}', inputs: [code.sh] }
  gate: [auc >= 0.6, { smoke: '${also('smoke')}true' }]
  publish: { path: serving, deploy: { run: '${also('deploy')}true' } }
monitor:
  reference: o.csv
  current: { dataset: rows, window: 28d, prepare: extract }
  predictions: { path: "predicted/*.csv", time: at, key: id, prediction: p }
  labels: { label: late }
  metrics: { cost: { run: '${also('metric')}echo "{\\"cost\\": 1}" > "$REFIT_METRICS"', inputs: [code.sh], direction: lower } }
retrain:
  when: { any: [{ data_drift: { share: 0.3 } }, { command: '${also('trigger')}false' }] }
`;
};

const SETTINGS = () => `notifications:
  c: { run: '${mark('notice')}' }
  w: { url: "http://127.0.0.1:9/hook" }
heartbeat: { run: '${mark('heartbeat')}' }
remotes: { team: { url: "s3://bucket/team" } }
`;

/** Statements, functions and files in places where a condition or a query belongs. */
const HOSTILE_SQL = () => `pipeline: bad
datasets:
  rows: { path: "data/*.csv", time: at, checks: { rules: ["x > 0); COPY (SELECT 1) TO '${marks}/copied.csv'; SELECT (1"] } }
  query: { path: { query: "SELECT 1; COPY (SELECT 1) TO '${marks}/copied.csv'" } }
steps: { s: { run: '${mark('bad')}', inputs: [], outputs: [b] } }
`;

/** A dataset of which one file lies elsewhere. */
const LINKED = `pipeline: linked
datasets: { rows: { path: "linked/*.csv", time: at } }
steps: { s: { run: 'true', inputs: ["\${{ datasets.rows }}"], outputs: [l] } }
`;

const QUOTED = `data/'; touch x; '.csv`;

const NOW = ['--now', '2026-02-01'];
/** When the predictions of the champion have come. */
const LATER = ['--now', '2026-03-01'];

/** Every command of the model in docs/security.md that only reads, in the forms that it has. */
const COMMANDS: readonly (readonly string[])[] = [
  ['validate', 'p'],
  ['validate', 'bad'],
  ['validate', 'link'],
  ['plan', 'p', ...NOW],
  ['plan', 'bad'],
  ['status', ...NOW],
  ['status', 'p', ...NOW],
  ['why', 'm@1'],
  ['lineage', 'm@1'],
  ['models'],
  ['models', 'm'],
  ['runs'],
  ['show', 'latest'],
  ['logs', 'latest'],
  ['metrics', 'latest'],
  ['decisions', 'p'],
  ['served', 'm'],
  ['delivery', 'p'],
  ['check-data', 'p', ...NOW],
  ['check-data', 'bad', ...NOW],
  ['check-data', 'linked', ...NOW],
  ['plan', 'linked', ...NOW],
  ['check-data', 'p', '--dataset', 'rows', '--infer'],
  ['check-data', 'data/$(touch x).csv'],
  ['check-drift', 'p', '--no-commands', ...NOW],
  ['check-performance', 'p', '--metric', 'cost', '--no-commands', ...LATER],
  ['check-performance', 'data/a.csv', '--time', 'at', '--prediction', 'p', '--label', 'late'],
  ['diff', 'm@1', 'm@2'],
  ['impact', 'data/a.csv'],
  ['report', 'm@1', '--md'],
  ['compare', 'm@1'],
  ['compare', 'HEAD', '--md'],
  ['comment', 'm@1'],
  ['report', 'p', '--md', '--no-commands', ...NOW],
  ['doctor'],
  ['verify'],
  ['gc'],
  ['registry'],
  ['export', 'prometheus'],
  ['completion', 'zsh', '--', 'run', ''],
  ['completion', 'zsh', '--', 'run', 'p', '--only', ''],
  ['completion', 'zsh', '--', 'why', ''],
  ['completion', 'bash'],
  ['man'],
];

beforeAll(async () => {
  marks = mkdtempSync(join(tmpdir(), 'refit-marks-'));
  rig = createRig({
    'pipelines/p.yaml': pipeline(false),
    'schema.yaml': 'columns: { x: { min: 0 } }\n',
    'data/a.csv': ROWS(0),
    'predicted/a.csv': ROWS(0, '02'),
    'code.sh': 'one\n',
    '.gitignore': '.refit\ndata\npredicted\no.csv\nm.txt\nserving\n',
  });
  const git = (...args: readonly string[]): void =>
    void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: rig.root });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'first');
  await rig.json(0, 'run', 'p', ...NOW);
  rig.write({ 'code.sh': 'two\n' });
  git('commit', '-qam', 'second');
  await rig.json(0, 'run', 'p', ...NOW);
  await rig.json(0, 'promote', 'm@1', '--reason', 'r', ...NOW);
  rig.write({ 'code.sh': 'three\n' });
  poisonGit(join(rig.root, '.git'), marks);
  rig.write({
    'refit.yaml': SETTINGS(),
    'pipelines/p.yaml': pipeline(true),
    'pipelines/bad.yaml': HOSTILE_SQL(),
    '.gitattributes': '* filter=x diff=x\n',
    'data/$(touch x).csv': ROWS(20),
    [QUOTED]: ROWS(40),
  });
  rig.write({ 'linked/a.csv': ROWS(60), 'pipelines/linked.yaml': LINKED });
  rig.link('linked/link.csv', '/etc/passwd');
  rig.link('pipelines/link.yaml', '/etc/passwd');
}, 300_000);

afterAll(() => {
  rig[Symbol.dispose]();
  rmSync(marks, { recursive: true, force: true });
});

const isAllowed = (program: string): boolean =>
  program === process.execPath || basename(program) === 'git' || program.includes('/git-core/');

/** Devices, and descriptors that a process already has. */
const NO_FILES = /^\/(dev\/(null|tty|ptmx|urandom)|proc\/self\/)/;

/** For files on the command line, which need no workspace, DuckDB has a folder that is removed at the end. */
const OWN = new RegExp(`^${tmpdir()}/refit-data-\\d+-\\w+$`);

const outside = (path: string): boolean =>
  !NO_FILES.test(path) && !OWN.test(path) && !path.startsWith(join(rig.root, '.refit'));

describe.skipIf(!canTrace)('in a hostile clone', () => {
  it.each(COMMANDS.map((args) => [args.join(' '), args] as const))(
    'refit %s starts nothing but git, writes below .refit only, and opens no connection',
    (_, args) => {
      const traced = traceRefit(rig.root, args);
      expect({
        isBug: traced.exit === 70 || traced.exit < 0 ? traced.output : false,
        started: traced.started.filter((program) => !isAllowed(program)),
        written: traced.written.filter(outside),
        connected: traced.connected,
        marks: readdirSync(marks),
      }).toEqual({ isBug: false, started: [], written: [], connected: [], marks: [] });
      expect(traced.started).toContain(process.execPath);
      expect(rig.has('x')).toBe(false);
    },
    60_000,
  );

  it('shows that the trace sees what a run does', () => {
    const traced = traceRefit(rig.root, ['run', 'p', ...NOW]);
    expect(traced.started.some((program) => basename(program) === 'sh')).toBe(true);
    expect(traced.written.filter(outside)).not.toEqual([]);
  }, 300_000);
});

it('a check says before that it starts a command, and --no-commands refuses it', async () => {
  for (const name of readdirSync(marks)) rmSync(join(marks, name));
  const refused = await rig.refit('check-drift', 'p', '--no-commands', ...NOW);
  expect(refused.exit).toBe(1);
  expect(refused.stderr).toContain('--no-commands is given');
  expect(readdirSync(marks)).toEqual([]);
  const measured = await rig.refit('check-performance', 'p', '--metric', 'cost', '--no-commands', ...LATER);
  expect(measured.stderr).toContain('--no-commands is given');
  expect(readdirSync(marks)).toEqual([]);
  const allowed = await rig.refit('check-drift', 'p', ...NOW);
  expect(allowed.stderr).toContain('starts the command of extract: ');
  expect(readdirSync(marks)).toEqual(['step']);
});
