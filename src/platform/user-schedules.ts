import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { Failure } from '../domain/failure.js';
import type { Schedules } from '../domain/ports/schedules.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { messageOf } from '../domain/support/system-error.js';
import { discard, ensureFolder, writeDurably } from './durable-files.js';
import { capture } from './processes/capture.js';
import { readRegularText } from './regular-file.js';

const LONGEST_MS = 30_000;

/** The crontab and the systemd user units of whoever runs refit. */
export const createSchedules = (root: string): Schedules => ({
  readCrontab,
  writeCrontab: (text) => call('crontab', ['-'], Buffer.from(text, 'latin1')),
  readUnit: async (name) => {
    const path = join(unitFolder(), name);
    if (!existsSync(path)) return ok('');
    try {
      return ok(readRegularText(path));
    } catch (error) {
      return err({ code: 'file-unreadable', path, reason: messageOf(error) });
    }
  },
  installTimer: async (units, timer) => {
    const folder = unitFolder();
    try {
      await ensureFolder(folder);
      for (const [name, text] of Object.entries(units)) await writeDurably(join(folder, name), text);
    } catch (error) {
      return err({ code: 'file-unwritable', path: folder, reason: messageOf(error) });
    }
    const reloaded = await systemctl('daemon-reload');
    if (!reloaded.ok) return reloaded;
    const enabled = await systemctl('enable', timer);
    return enabled.ok ? systemctl('restart', timer) : enabled;
  },
  removeTimer: async (units, timer) => {
    const stopped = await systemctl('disable', '--now', timer);
    if (!stopped.ok) return stopped;
    for (const name of units) await discard(join(unitFolder(), name));
    return systemctl('daemon-reload');
  },
  folderInRepository: () => {
    for (let folder = root; ; folder = dirname(folder)) {
      if (existsSync(join(folder, '.git'))) return relative(folder, root) || '.';
      if (dirname(folder) === folder) return '.';
    }
  },
});

async function readCrontab(): Promise<Result<string, Failure>> {
  const { exitCode, stdout, stderr } = await capture('crontab', ['-l'], {
    timeoutMs: LONGEST_MS,
    isBinary: true,
    env: { LC_ALL: 'C' },
  });
  if (exitCode === 0) return ok(stdout);
  if (exitCode === 1 && /no crontab for/.test(stderr)) return ok('');
  return err(unusable('crontab', exitCode, stderr));
}

const systemctl = (...args: readonly string[]): Promise<Result<void, Failure>> =>
  call('systemctl', ['--user', '--no-ask-password', ...args]);

async function call(program: string, args: readonly string[], input?: Uint8Array): Promise<Result<void, Failure>> {
  const { exitCode, stderr } = await capture(program, args, { timeoutMs: LONGEST_MS, input });
  return exitCode === 0 ? ok(undefined) : err(unusable(program, exitCode, stderr));
}

const unusable = (program: string, exitCode: number | undefined, stderr: string): Failure => ({
  code: 'schedule-unusable',
  program,
  reason: stderr.trim() || (exitCode === undefined ? 'it gave no answer' : `it exited with ${exitCode}`),
});

const unitFolder = (): string => join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'systemd', 'user');
