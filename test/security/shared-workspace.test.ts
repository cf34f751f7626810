import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isInstalled } from '../support/required.js';
import { BIN, createRig, type Rig } from '../support/rig.js';

/** Another user's process can be started by root only. */
const canSwitch = isInstalled(
  process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0,
  'setpriv as root',
);

const [ANN, BEN, STRANGER, GROUP] = [12_345, 12_346, 12_347, 12_340];

const PIPELINE = `pipeline: p
steps: { a: { run: 'mkdir -p out; cp in.txt out/x; cp in.txt m.txt', inputs: [in.txt], outputs: [out, m.txt] } }
model: { path: m.txt, first: accept, gate: [ { smoke: "true" } ], publish: { path: serving } }
`;

let rig: Rig;

function as(user: number, group: number, umask: string, ...args: readonly string[]) {
  const identity = ['--reuid', String(user), '--regid', String(group), '--clear-groups'];
  const call = ['sh', '-c', `umask ${umask}; exec "$0" "$@"`, process.execPath, BIN, ...args];
  const { status, stdout, stderr } = spawnSync('setpriv', [...identity, ...call], {
    cwd: rig.root,
    encoding: 'utf8',
    env: { ...process.env, HOME: '/', NO_COLOR: '1' },
  });
  return { exit: status, text: stdout + stderr };
}

beforeEach(() => {
  rig = createRig({ 'pipelines/p.yaml': PIPELINE, 'in.txt': 'one' });
  execFileSync('chown', ['-R', `${ANN}:${GROUP}`, rig.root]);
});
afterEach(() => rig[Symbol.dispose]());

describe.skipIf(!canSwitch)('a workspace of two users in a setgid folder with umask 002', () => {
  beforeEach(() => {
    for (const folder of ['.', 'pipelines']) chmodSync(join(rig.root, folder), 0o2775);
    chmodSync(join(rig.root, 'in.txt'), 0o664);
  });

  it('takes runs and promotions of both', () => {
    expect(as(ANN, GROUP, '002', 'run', 'p')).toMatchObject({ exit: 0 });
    expect(as(BEN, GROUP, '002', 'run', 'p', '--force')).toMatchObject({ exit: 0 });
    expect(as(BEN, GROUP, '002', 'promote', 'p@1', '--reason', 'x')).toMatchObject({ exit: 0 });
    rig.write({ 'in.txt': 'two' });
    expect(as(ANN, GROUP, '002', 'run', 'p')).toMatchObject({ exit: 0 });
    expect(as(ANN, GROUP, '002', 'promote', 'p@2', '--reason', 'y')).toMatchObject({ exit: 0 });
    expect(as(BEN, GROUP, '002', 'verify')).toMatchObject({ exit: 0 });
    for (const path of ['.refit', '.refit/store', '.refit/logs']) {
      const { gid, mode } = statSync(join(rig.root, path));
      expect([path, gid, (mode & 0o070).toString(8)]).toEqual([path, GROUP, '70']);
    }
  }, 300_000);

  it('shows nothing more to a stranger than its modes do', () => {
    as(ANN, GROUP, '007', 'run', 'p');
    const { exit, text } = as(STRANGER, STRANGER, '022', 'runs');
    expect(text).not.toContain('succeeded');
    expect(exit).toBe(1);
  });
});

describe.skipIf(!canSwitch)('a colleague who may read a project and not write it', () => {
  it.each(['validate', 'status', 'why p', 'runs', 'models', 'plan p', 'served p', 'export prometheus'])(
    'reads it with refit %s',
    (command) => {
      chownSync(rig.root, ANN, GROUP);
      chmodSync(rig.root, 0o755);
      as(ANN, GROUP, '022', 'run', 'p');
      as(ANN, GROUP, '022', 'promote', 'p@1', '--reason', 'x');
      expect(as(BEN, BEN, '022', ...command.split(' '))).toMatchObject({ exit: 0 });
    },
    30_000,
  );
});

/** One line says what is wrong, and the next what to do. */
const REFUSED = /^error registry-unusable [^\n]*registry\.db cannot be used: [^\n]*\n[^\n]*\n$/;

describe.skipIf(!canSwitch)('a registry that cannot be read', () => {
  const COMMANDS = [
    'status',
    'runs',
    'models',
    'why p',
    'plan p',
    'served p',
    'logs latest',
    'decisions p',
    'export prometheus',
    'verify',
    'check-data p',
    'run p',
    'retrain p',
    'promote p@1 --reason x',
    'gc',
  ];

  it.each([
    ['.refit of another user', '.refit', 0o700],
    ['.refit that may be listed only', '.refit', 0o744],
    ['registry.db of another user', '.refit/registry.db', 0o600],
  ])(
    '%s is named by every command, with exit 1',
    (_, path, mode) => {
      chmodSync(rig.root, 0o755);
      as(ANN, GROUP, '022', 'run', 'p');
      chmodSync(join(rig.root, path), mode);
      for (const command of COMMANDS) {
        const { exit, text } = as(BEN, BEN, '022', ...command.split(' '));
        expect({ command, exit, text, isNamed: REFUSED.test(text) }).toMatchObject({ exit: 1, isNamed: true });
        expect(text).toContain('permission denied');
      }
    },
    120_000,
  );

  it.each([
    ['.refit that is a file', '.refit', 'touch'],
    ['registry.db that is a pipe', '.refit/registry.db', 'mkfifo'],
    ['registry.db that is a folder', '.refit/registry.db', 'mkdir'],
  ])(
    '%s is named too',
    (_, path, make) => {
      if (path !== '.refit') mkdirSync(join(rig.root, '.refit'));
      execFileSync(make, [join(rig.root, path)]);
      for (const command of COMMANDS) {
        const { exit, text } = as(0, 0, '022', ...command.split(' '));
        expect({ command, exit, text, isNamed: REFUSED.test(text) }).toMatchObject({ exit: 1, isNamed: true });
      }
    },
    120_000,
  );
});

describe.skipIf(!canSwitch)('a folder that a user may not list does not look empty', () => {
  const TABLES = `pipeline: p
datasets: { d: { path: "data/*/d.csv" } }
steps: { a: { run: 'cat data/*/d.csv > m.txt', inputs: ["data/*/d.csv"], outputs: [m.txt] } }
model: { path: m.txt, first: accept, gate: [ { smoke: "true" } ], publish: { path: serving } }
retrain: weekly
`;
  beforeEach(() => {
    rig.write({ 'pipelines/p.yaml': TABLES, 'data/a/d.csv': 'x\n1\n', 'data/b/d.csv': 'x\n2\n' });
    execFileSync('chown', ['-R', `${ANN}:${GROUP}`, rig.root]);
    chmodSync(rig.root, 0o2775);
    expect(as(ANN, GROUP, '002', 'retrain', 'p')).toMatchObject({ exit: 0 });
  });

  it('where the pipelines are: nobody hears that there are none, least of all cron', () => {
    chmodSync(join(rig.root, 'pipelines'), 0o700);
    for (const command of ['status', 'validate', 'retrain --all', 'schedule --all --print cron', 'export prometheus']) {
      const { exit, text } = as(BEN, GROUP, '002', ...command.split(' '));
      expect({ command, exit, text }).toMatchObject({ exit: 1 });
      expect(text).toMatch(/pipelines cannot be read: permission denied/);
    }
  }, 300_000);

  it('where the data is: no training leaves rows out, and what serves is shown all the same', () => {
    chmodSync(join(rig.root, 'data/b'), 0o700);
    for (const command of ['run p', 'plan p', 'check-data p']) {
      const { exit, text } = as(BEN, GROUP, '002', ...command.split(' '));
      expect({ command, exit, text }).toMatchObject({ exit: 1 });
      expect(text).toContain('data/b cannot be read: permission denied');
    }
    for (const command of ['validate', 'status', 'why p@1', 'served p', 'models', 'gc', 'doctor']) {
      const { exit, text } = as(BEN, GROUP, '002', ...command.split(' '));
      expect({ command, exit, text }).toMatchObject({ exit: 0 });
      if (command === 'status') expect(text).toMatch(/file-unreadable[\s\S]*champion +p@1/);
    }
  }, 300_000);

  it('where a command names the files: no rows are left out', () => {
    const check = () => as(BEN, GROUP, '002', 'check-data', 'data/*/d.csv');
    expect(check()).toMatchObject({ exit: 0 });
    chmodSync(join(rig.root, 'data/b'), 0o700);
    const { exit, text } = check();
    expect({ exit, text }).toMatchObject({ exit: 1 });
    expect(text).toContain('data/b cannot be read: permission denied');
  }, 300_000);

  it('where a report or a repetition does not need it', () => {
    chmodSync(join(rig.root, 'data/b'), 0o700);
    const { exit, text } = as(BEN, GROUP, '002', 'report', 'p', '--md');
    expect({ exit, text }).toMatchObject({ exit: 0 });
    const again = as(BEN, GROUP, '002', 'reproduce', 'p@1', '--json');
    expect(again).toMatchObject({ exit: 0, text: expect.stringContaining('"verdict": "same"') });
  }, 300_000);

  it.each(['data/*/d.csv', 'data/**'])(
    'but for lost+found, which only root may list: %s',
    (inputs) => {
      rig.write({
        'pipelines/q.yaml': TABLES.replace('pipeline: p', 'pipeline: q')
          .replace('path: serving', 'path: serving/q')
          .replaceAll('data/*/d.csv"', `${inputs}"`),
      });
      execFileSync('chown', ['-R', `${ANN}:${GROUP}`, rig.root]);
      mkdirSync(join(rig.root, 'data/lost+found'), { mode: 0o700 });
      for (const command of ['run q', 'plan q', 'check-data q', 'check-data data/*/d.csv', 'status', 'report q --md']) {
        const { exit, text } = as(ANN, GROUP, '002', ...command.split(' '));
        expect({ command, exit, text }).toMatchObject({ exit: 0 });
      }
    },
    60_000,
  );
});
