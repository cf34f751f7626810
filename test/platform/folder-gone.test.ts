import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { BIN, createRig } from '../support/rig.js';

it('answers in words where the folder that a command was started in was removed', () => {
  using rig = createRig({ 'gone/keep': '' });
  const from = (...args: readonly string[]) => {
    const script = 'mkdir -p gone; cd gone; rm -r ../gone; exec "$0" "$@"';
    const words = ['-c', script, process.execPath, BIN, ...args];
    return spawnSync('sh', words, { cwd: rig.root, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  };
  for (const command of ['status', 'init', 'doctor']) {
    const { status, stderr } = from(command);
    expect(status, stderr).toBe(1);
    expect(stderr).toMatch(/^error file-unreadable .*was removed\n {2}→ /);
  }
  const { stdout } = from('retrain', '--all', '--json');
  expect(JSON.parse(stdout).error).toMatchObject({ code: 'file-unreadable', where: '.' });
  const stderr = expect.stringMatching(/^error usage missing required argument/);
  expect(from('run')).toMatchObject({ status: 2, stderr });
  expect(from('--version').status).toBe(0);
});
