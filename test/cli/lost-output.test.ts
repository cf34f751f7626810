import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, lstatSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BIN, createRig } from '../support/rig.js';

const PIPELINE = `pipeline: p
steps: { a: { run: 'echo 1 > m.txt', inputs: [], outputs: [m.txt] } }
model: { path: m.txt, first: accept, gate: [{ smoke: 'true' }], publish: { path: serving } }
`;

/** Runs refit with its stdout on a file or device. */
function onto(path: string, root: string, args: readonly string[]): Promise<{ exit: number | null; stderr: string }> {
  const fd = openSync(path, 'w');
  const child = spawn(process.execPath, [BIN, ...args], { cwd: root, stdio: ['ignore', fd, 'pipe'] });
  closeSync(fd);
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((done) => child.on('close', (exit) => done({ exit, stderr })));
}

describe.skipIf(!existsSync('/dev/full'))('a stdout that takes nothing', () => {
  const commands = [
    ['--version'],
    ['--help'],
    ['schema'],
    ['validate', 'p'],
    ['run', 'p'],
    ['status'],
    ['runs'],
    ['logs', 'latest'],
    ['models'],
    ['promote', 'p@1', '--reason', 'x'],
    ['served', 'p'],
    ['why', 'p@1'],
    ['report', 'p@1', '--card'],
    ['export', 'prometheus'],
    ['export', 'openlineage'],
    ['gc'],
    ['verify'],
    ['doctor'],
  ];

  it('ends every command with an exit code other than 0 and one error, with text and with --json', async () => {
    using rig = createRig({ 'pipelines/p.yaml': PIPELINE.replace('echo 1', 'echo said; echo 1') });
    await rig.refit('run', 'p');
    for (const args of commands)
      for (const more of [[], ['--json']]) {
        if (more.length > 0 && ['--version', '--help', 'schema', 'logs'].includes(args[0] ?? '')) continue;
        const { exit, stderr } = await onto('/dev/full', rig.root, [...args, ...more]);
        expect([...args, ...more, exit].join(' ')).toBe([...args, ...more, 1].join(' '));
        expect(stderr).toContain('error file-unwritable stdout cannot be written: no space left on the disk\n  → ');
        expect(stderr.split('error file-unwritable')).toHaveLength(2);
        expect(stderr).not.toContain('    at ');
      }
  }, 300_000);

  it('leaves an exit code that says more, and the work done', async () => {
    using rig = createRig({ 'pipelines/p.yaml': PIPELINE.replace("'true'", "'false'") });
    await rig.refit('run', 'p');
    expect((await onto('/dev/full', rig.root, ['promote', 'p@1', '--reason', 'x'])).exit).toBe(5);
    expect((await onto('/dev/full', rig.root, ['pause', 'p', '--reason', 'x'])).exit).toBe(1);
    expect(JSON.stringify((await rig.json(0, 'status')).pipelines[0])).toContain('"reason":"x"');
  });
});

it('is no error of a reader that stopped reading', async () => {
  using rig = createRig({ 'pipelines/p.yaml': PIPELINE });
  for (const args of ['--version', '--help', 'schema', 'validate', 'status --json']) {
    const script = `{ "$0" "$1" ${args}; echo "exit $?" >&2; } | true`;
    const child = spawn('sh', ['-c', script, process.execPath, BIN], { cwd: rig.root });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    await new Promise((done) => child.on('close', done));
    expect(stderr).toBe('exit 0\n');
  }
});

describe('-o', () => {
  it('writes into a pipe and a device, and never replaces them', async () => {
    using rig = createRig({ 'pipelines/p.yaml': PIPELINE });
    await rig.json(0, 'run', 'p');
    execFileSync('mkfifo', [`${rig.root}/pipe`]);
    const unread = await rig.refit('export', 'prometheus', '-o', 'pipe');
    expect(unread).toMatchObject({ exit: 1 });
    expect(unread.stderr).toContain('pipe cannot be written: it is a pipe that nobody reads');
    const reader = spawn('cat', ['pipe'], { cwd: rig.root });
    let read = '';
    reader.stdout.on('data', (chunk) => {
      read += chunk;
    });
    const gone = new Promise((done) => reader.on('close', done));
    let exit = 1;
    // cat needs a moment to open its end
    while (exit !== 0) ({ exit } = await rig.refit('export', 'prometheus', '-o', 'pipe'));
    await gone;
    expect(read).toContain('# TYPE');
    expect(lstatSync(`${rig.root}/pipe`).isFIFO()).toBe(true);
  });

  it('refuses a folder that leads out of the workspace, and folders of git whatever their capitals are', async () => {
    using rig = createRig({ 'pipelines/p.yaml': PIPELINE });
    using outside = createRig({ 'kept.txt': 'x' });
    await rig.json(0, 'run', 'p');
    rig.link('reports', outside.root);
    for (const given of [
      ['export', 'prometheus', '-o', 'reports/g.prom'],
      ['report', 'p', '-o', 'reports/r.html'],
      ['report', 'p', '--md', '-o', 'reports/r.md'],
      ['validate', 'p', '--junit', 'reports/j.xml'],
    ]) {
      const refused = await rig.refit(...given);
      expect(refused.stderr).toContain(`its folder leads out of the workspace, to ${outside.root}`);
      expect([given, refused.exit]).toEqual([given, 1]);
    }
    expect(outside.files('.')).toEqual(['kept.txt']);
    expect((await rig.refit('export', 'prometheus', '-o', '.GIT/hooks/x')).stderr).toContain('it lies in .GIT');
    // Outside of the workspace a person may name any place.
    expect((await rig.refit('export', 'prometheus', '-o', `${outside.root}/g.prom`)).exit).toBe(0);
  });

  it('refuses a link, says what it leads to, and leaves both as they were', async () => {
    using rig = createRig({ 'pipelines/p.yaml': PIPELINE, 'far/gauges.prom': 'old' });
    await rig.json(0, 'run', 'p');
    rig.link('gauges.prom', 'far/gauges.prom');
    rig.link('null', '/dev/full');
    const refused = await rig.refit('export', 'prometheus', '-o', 'gauges.prom');
    expect(refused).toMatchObject({ exit: 1 });
    expect(refused.stderr).toMatch(
      /gauges\.prom cannot be written: it is a link to \S+\/far\/gauges\.prom: name that file/,
    );
    expect(lstatSync(`${rig.root}/gauges.prom`).isSymbolicLink()).toBe(true);
    expect(rig.read('far/gauges.prom')).toBe('old');
    expect((await rig.refit('export', 'prometheus', '-o', 'far/gauges.prom')).exit).toBe(0);
    expect(rig.read('far/gauges.prom')).toContain('# TYPE');
    expect(await rig.refit('export', 'prometheus', '-o', 'null')).toMatchObject({ exit: 1 });
    expect(lstatSync(`${rig.root}/null`).isSymbolicLink()).toBe(true);
  });
});

it('warns of files of GitHub Actions that cannot be written, and keeps the exit code of the command', async () => {
  using rig = createRig(
    { 'pipelines/p.yaml': PIPELINE },
    { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: '/dev/full', GITHUB_STEP_SUMMARY: 'no/such/folder' },
  );
  const { exit, stderr, stdout } = await rig.refit('run', 'p', '--json');
  expect(exit).toBe(0);
  expect(JSON.parse(stdout).run.status).toBe('succeeded');
  expect(stderr).toContain('no/such/folder, which GITHUB_STEP_SUMMARY names, could not be written: it does not exist');
  expect(stderr).toContain('/dev/full, which GITHUB_OUTPUT names, could not be written: no space left on the disk');
  expect(stderr).not.toContain('bug in refit');
});
