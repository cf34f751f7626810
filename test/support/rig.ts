import { execFile } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '../..');
const BIN = join(PROJECT, 'bin/refit.js');

export interface Ended {
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
  readonly refit: (...args: readonly string[]) => Promise<Ended>;
  /** With `--json`; the exit code is checked. */
  readonly json: (exit: number, ...args: readonly string[]) => Promise<Document>;
}

export function createRig(
  files: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string | undefined>> = {},
): Rig {
  const root = mkdtempSync(join(tmpdir(), 'refit-test-'));
  const write: Rig['write'] = (more) => {
    for (const [path, text] of Object.entries(more)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      if (text.startsWith('#!')) chmodSync(join(root, path), 0o755);
    }
  };
  write(files);
  const refit = (...args: readonly string[]): Promise<Ended> =>
    new Promise((done) => {
      const options = { cwd: root, maxBuffer: 1 << 26, env: { ...process.env, NO_COLOR: '1', ...env } };
      execFile(process.execPath, [BIN, ...args], options, (error, stdout, stderr) => {
        done({ exit: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
      });
    });
  return {
    root,
    write,
    refit,
    read: (path) => readFileSync(join(root, path), 'utf8'),
    has: (path) => existsSync(join(root, path)),
    remove: (path) => rmSync(join(root, path), { recursive: true, force: true }),
    copy: (from, to) => cpSync(join(PROJECT, from), join(root, to), { recursive: true }),
    json: async (exit, ...args) => {
      const ended = await refit(...args, '--json');
      if (ended.exit !== exit)
        throw new Error(`refit ${args.join(' ')} exited with ${ended.exit}, not ${exit}:\n${ended.stderr}\n${ended.stdout}`);
      return JSON.parse(ended.stdout);
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A step's script that appends its name to `ran.txt`, so that a test sees how often it really ran. */
export const countingStep = (output: string, content = 'made'): string =>
  `printf '%s\\n' "$REFIT_STEP" >> ran.txt; printf '${content}' > ${output}`;
