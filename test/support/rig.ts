import { type ChildProcess, execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { createSteering, type SteeredProcess } from './steering.js';

const PROJECT = resolve(import.meta.dirname, '../..');
export const BIN = join(PROJECT, 'bin/refit.js');

interface Ended {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

// biome-ignore lint/suspicious/noExplicitAny: documents are looked into by tests, each asserting what it reads
export type Document = any;

/** A workspace in a temporary folder, and the built program to use in it. */
export interface Rig extends Disposable {
  readonly root: string;
  readonly write: (files: Readonly<Record<string, string>>) => void;
  readonly read: (path: string) => string;
  readonly has: (path: string) => boolean;
  readonly remove: (path: string) => void;
  readonly copy: (from: string, to: string) => void;
  readonly list: (folder: string) => readonly string[];
  /** Every file below the workspace, or below one of its folders. */
  readonly files: (folder?: string) => readonly string[];
  readonly link: (path: string, target: string) => void;
  /** Writes into the registry behind refit's back, as a crash or a fault would; history's guards are taken off for it. */
  readonly update: (sql: string) => void;
  /** Rows of the registry. */
  readonly query: (sql: string) => readonly Document[];
  /** Takes the registry's write lock, as another process that writes for long would. */
  readonly holdRegistry: () => { readonly release: () => void };
  /** The next process of a steered step (`run: ${STEERED}`) that the test has not yet met. */
  readonly started: (step: string) => Promise<SteeredProcess>;
  /** How many processes of a steered step there have been. */
  readonly startedCount: (step: string) => number;
  /** Processes that work in this workspace: steps, and what they started. */
  readonly processes: () => readonly number[];
  readonly refit: (...args: readonly string[]) => Promise<Ended>;
  /** The same, to be signalled while it runs. */
  readonly start: (...args: readonly string[]) => {
    readonly pid: number;
    readonly kill: (signal: NodeJS.Signals) => void;
    readonly ended: Promise<Ended>;
    /** Waits until it has written these words, to stdout or stderr. Resolves to all that it has written. */
    readonly said: (words: string) => Promise<string>;
  };
  /** With `--json`; the exit code is checked. */
  readonly json: (exit: number, ...args: readonly string[]) => Promise<Document>;
}

export function createRig(
  files: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string | undefined>> = {},
  parent = tmpdir(),
): Rig {
  const root = mkdtempSync(join(parent, 'refit-test-'));
  const steering = createSteering();
  const registry = join(root, '.refit/registry.db');
  const write: Rig['write'] = (more) => {
    for (const [path, text] of Object.entries(more)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      if (text.startsWith('#!')) chmodSync(join(root, path), 0o755);
    }
  };
  write(files);
  const running = new Set<ChildProcess>();
  const start: Rig['start'] = (...args) => {
    const options = {
      cwd: root,
      maxBuffer: 1 << 26,
      // The locale of the machine must not decide which characters are drawn.
      env: { ...process.env, NO_COLOR: '1', LC_ALL: 'C.UTF-8', ...steering.env, ...env },
    };
    let end: (ended: Ended) => void = () => undefined;
    const ended = new Promise<Ended>((done) => {
      end = done;
    });
    const child = execFile(process.execPath, [BIN, ...args], options, (error, stdout, stderr) =>
      end({ exit: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr }),
    );
    running.add(child);
    child.on('exit', () => running.delete(child));
    let words = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        words += chunk;
      });
    return {
      pid: child.pid ?? 0,
      ended,
      kill: (signal) => void child.kill(signal),
      said: async (awaited) => {
        await until(() => words.includes(awaited) || child.exitCode !== null || child.signalCode !== null);
        // What it wrote last may be read after its end.
        if (!words.includes(awaited)) await ended;
        if (!words.includes(awaited))
          throw new Error(`refit ${args.join(' ')} has ended without "${awaited}":\n${words}`);
        return words;
      },
    };
  };
  const refit: Rig['refit'] = (...args) => start(...args).ended;
  return {
    root,
    write,
    start,
    refit,
    read: (path) => readFileSync(join(root, path), 'utf8'),
    has: (path) => existsSync(join(root, path)),
    remove: (path) => rmSync(join(root, path), { recursive: true, force: true }),
    copy: (from, to) => cpSync(join(PROJECT, from), join(root, to), { recursive: true }),
    list: (folder) => readdirSync(join(root, folder)),
    files: (folder = '.') =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)))
        .sort(),
    link: (path, target) => {
      rmSync(join(root, path), { force: true });
      symlinkSync(target, join(root, path));
    },
    update: (sql) => {
      const db = new Database(registry);
      const guards = db
        .prepare<[], { name: string }>(
          // A view is written through its trigger, which is no guard.
          "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql NOT LIKE '%INSTEAD OF%'",
        )
        .all();
      for (const { name } of guards) db.exec(`DROP TRIGGER ${name}`);
      db.exec(sql);
      db.close();
    },
    query: (sql) => {
      const db = new Database(registry, { readonly: true });
      const rows = db.prepare<[], Document>(sql).all();
      db.close();
      return rows;
    },
    holdRegistry: () => {
      const db = new Database(registry);
      db.exec('BEGIN IMMEDIATE');
      return { release: () => void db.close() };
    },
    started: steering.started,
    startedCount: steering.startedCount,
    processes: () => processesIn(root),
    json: async (exit, ...args) => {
      const ended = await refit(...args, '--json');
      if (ended.exit !== exit)
        throw new Error(
          `refit ${args.join(' ')} exited with ${ended.exit}, not ${exit}:\n${ended.stderr}\n${ended.stdout}`,
        );
      return JSON.parse(ended.stdout);
    },
    [Symbol.dispose]: () => {
      steering[Symbol.dispose]();
      for (const child of running) child.kill('SIGKILL');
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A step's script that appends its name to `ran.txt`, so that a test sees how often it really ran. */
export const countingStep = (output: string, content = 'made'): string =>
  `printf '%s\\n' "$REFIT_STEP" >> ran.txt; printf '${content}' > ${output}`;

/** Waits for something that a process of the test does; the test's own time-out ends it. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await delay(10);
}

/** Whether a process runs; a zombie that nobody reaps does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

function processesIn(folder: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder) && isRunning(pid);
      } catch {
        return false;
      }
    });
}
