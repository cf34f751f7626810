import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { awaitCommand } from '../../src/platform/job/pod/await-command.js';

describe('A command in another container of a pod', () => {
  let folder: string;
  let shell: ChildProcess;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'refit-pod-'));
    shell = spawn('sleep', ['600']);
  });
  afterEach(() => {
    shell.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  const note = (file: string, text: string | number): void => writeFileSync(join(folder, file), `${text}\n`);
  const waiting = (signal = new AbortController().signal) => awaitCommand(folder, { signal });

  it('was not started where its container has given up before anybody came', async () => {
    note('exit', 75);
    expect((await waiting()).outcome).toMatchObject({ kind: 'not-started' });
  });

  it('has ended also where it has removed what its container had noted', async () => {
    note('pid', shell.pid ?? 0);
    const ended = waiting();
    rmSync(join(folder, 'pid'));
    shell.kill('SIGKILL');
    await once(shell, 'exit');
    expect((await ended).outcome).toEqual({ kind: 'signalled', signal: 'SIGKILL' });
  });

  it('is not waited for as long as a running one when it is to end and was not started', async () => {
    const started = performance.now();
    expect((await waiting(AbortSignal.abort())).outcome).toEqual({ kind: 'cancelled' });
    expect(performance.now() - started).toBeLessThan(9000);
  });
});
