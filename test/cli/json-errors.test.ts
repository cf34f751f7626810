import { expect, it } from 'vitest';
import { createProgram } from '../../src/program.js';
import { createRig, type Rig } from '../support/rig.js';

interface Kind {
  readonly exit: number;
  readonly code: string;
}

/** The document of a command that failed: one on stdout, with the fields that every error has. */
async function failing(rig: Rig, { exit, code }: Kind, ...args: readonly string[]) {
  const ended = await rig.refit(...args, '--json');
  const line = args.join(' ');
  expect({ line, exit: ended.exit, stdout: ended.stdout !== '' }).toEqual({ line, exit, stdout: true });
  const document = JSON.parse(ended.stdout);
  expect(document, line).toMatchObject({ schema_version: 1, error: { code } });
  expect(Object.keys(document), line).toEqual(['schema_version', 'command', 'error']);
  expect(Object.keys(document.error), line).toEqual(['code', 'message', 'where', 'next', 'lines', 'diagnostics']);
  expect(document.error.message, line).not.toBe('');
  // The same for people, on stderr.
  expect(ended.stderr.toLowerCase(), line).toContain('error');
  return document;
}

const commandsWithJson = async (): Promise<readonly string[]> =>
  (await createProgram()).commands
    .filter((command) => command.options.some(({ long }) => long === '--json'))
    .map((command) => command.name());

/** What a command needs beside the thing that is wrong. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  approve: ['m@1', '--reason', 'r'],
  reject: ['m@1', '--reason', 'r'],
  promote: ['m@1', '--reason', 'r'],
  rollback: ['m', '--reason', 'r'],
  note: ['m', 'text'],
  pause: ['p', '--reason', 'r'],
  resume: ['p', '--reason', 'r'],
  review: ['p', '--reason', 'r'],
  resolve: ['f1', '--as', 'bug', '--reason', 'r'],
  event: ['p', '--from', '2026-01-01', '--until', '2026-01-02', '--name', 'n'],
  trigger: ['p', '--event', 'e', '--id', '1'],
  backtest: ['p', '--from', '2026-01-01', '--to', '2026-02-01', '--every', '7d'],
  diff: ['latest', 'latest'],
  report: ['p', '--md'],
  registry: ['backup', 'copy.db'],
  compare: ['latest'],
  comment: ['latest'],
  export: ['openlineage'],
  schedule: ['p', '--print', 'cron'],
  'check-data': ['p'],
  'check-drift': ['p'],
  profile: ['export', 'p', '-o', 'p.json'],
  'check-performance': ['p'],
  push: ['remote'],
  pull: ['remote'],
  retrain: ['p'],
  plan: ['p'],
  run: ['p'],
  test: ['p'],
  track: ['true'],
  show: ['latest'],
  logs: ['latest'],
  metrics: ['p'],
  why: ['m'],
  impact: ['m'],
  lineage: ['m'],
  reproduce: ['m'],
  served: ['m'],
};

/** Commands that need no workspace. */
const ANYWHERE = ['init', 'import', 'evaluate-detectors'];

it('answers an unknown option with a document, for every command', async () => {
  using rig = createRig();
  await Promise.all(
    (await commandsWithJson()).map(async (name) => {
      const { command, error } = await failing(rig, { exit: 2, code: 'usage' }, name, '--nonsense');
      expect(command).toBe(name);
      expect(error.next, name).not.toBe('');
    }),
  );
}, 300_000);

it('answers the lack of a workspace with a document, for every command that needs one', async () => {
  using rig = createRig();
  const names = (await commandsWithJson()).filter((name) => ![...ANYWHERE, 'track'].includes(name));
  for (const name of names) await failing(rig, { exit: 2, code: 'no-workspace' }, name, ...(NEEDED[name] ?? []));
}, 300_000);

it('answers a broken registry with a document, for every command that reads it', async () => {
  using rig = createRig({
    'pipelines/p.yaml': 'pipeline: p\nsteps: { s: { run: "true", inputs: [], outputs: [] } }\n',
    '.refit/registry.db': 'not a database, but long enough to be read as one. '.repeat(40),
  });
  const names = (await commandsWithJson()).filter((name) => !ANYWHERE.includes(name));
  for (const name of names) await failing(rig, { exit: 7, code: 'registry-corrupt' }, name, ...(NEEDED[name] ?? []));
}, 300_000);

it('answers other failures with a document: usage, names, files, data, a busy pipeline', async () => {
  using rig = createRig({
    'pipelines/p.yaml': 'pipeline: p\nsteps: { s: { run: "true", inputs: [], outputs: [] } }\n',
    'pipelines/wrong.yaml': 'pipeline: wrong\nstep: {}\n',
    'empty.csv': '',
  });
  await failing(rig, { exit: 2, code: 'usage' }, 'nonsense');
  await failing(rig, { exit: 2, code: 'usage' }, 'promote', 'm');
  await failing(rig, { exit: 2, code: 'usage' }, 'run', 'p', '--jobs', 'many');
  await failing(rig, { exit: 2, code: 'usage' }, 'check-drift');
  await failing(rig, { exit: 2, code: 'pipeline-not-found' }, 'plan', 'q');
  await failing(rig, { exit: 2, code: 'not-found' }, 'show', 'latest');
  const { error } = await failing(rig, { exit: 2, code: 'invalid-pipeline' }, 'run', 'wrong');
  expect(error.where).toMatch(/^pipelines\/wrong\.yaml:\d+:\d+$/);
  expect(error.diagnostics.length).toBeGreaterThan(0);
  await failing(rig, { exit: 2, code: 'invalid-filter' }, 'runs', '--where', 'x ~ 1');
}, 300_000);

it('prints nothing to stdout without --json, and no document for words that only look like it', async () => {
  using rig = createRig();
  expect((await rig.refit('status')).stdout).toBe('');
  expect((await rig.refit('run', '--nonsense', '--', '--json')).stdout).toBe('');
});
