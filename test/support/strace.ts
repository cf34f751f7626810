import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BIN } from './rig.js';

export function hasStrace(): boolean {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true']);
    return true;
  } catch {
    return false;
  }
}

/** What a process and all that it started did. */
export interface Traced {
  readonly exit: number;
  readonly output: string;
  /** Programs that were started, by path. */
  readonly started: readonly string[];
  /** Files that were opened for writing, made, moved, changed or removed, by absolute path. */
  readonly written: readonly string[];
  /** Files and folders that were opened, by the place where they really lie. */
  readonly opened: readonly string[];
  /** Addresses of the network. */
  readonly connected: readonly string[];
}

const CALLS = [
  'execve,execveat,open,openat,creat,connect,sendto',
  'mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,symlink,symlinkat,link,linkat',
  'chmod,fchmodat,truncate,utimensat,mknod,mknodat',
].join(',');

/** Runs refit under strace. `-y` writes the path of each descriptor behind it. */
export function traceRefit(root: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Traced {
  const folder = mkdtempSync(join(tmpdir(), 'refit-trace-'));
  const log = join(folder, 'log');
  const options = ['-f', '-y', '-qq', '--seccomp-bpf', '-s', '4096', '-e', `trace=${CALLS}`, '-e', 'signal=none'];
  const call = [...options, '-o', log, process.execPath, BIN, ...args];
  let exit = 0;
  let output = '';
  try {
    output = execFileSync('strace', call, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', ...env },
      maxBuffer: 1 << 26,
    });
  } catch (error) {
    const ended = error as { readonly status: number | null; readonly stdout: string; readonly stderr: string };
    exit = ended.status ?? -1;
    output = ended.stdout + ended.stderr;
  }
  const lines = readFileSync(log, 'utf8').split('\n').map(withoutPid);
  rmSync(folder, { recursive: true });
  return {
    exit,
    output,
    started: lines.flatMap((line) => (hasWorked(line) ? (/^execve(?:at)?\("([^"]*)"/.exec(line)?.[1] ?? []) : [])),
    written: lines.filter(hasWorked).flatMap((line) => writtenBy(line, root)),
    opened: lines.flatMap((line) => /^open(?:at)?\(.* = \d+<([^>]*)>$/.exec(line)?.[1] ?? []),
    connected: lines.flatMap((line) => (/^(?:connect|sendto)\(.*sa_family=AF_INET/.test(line) ? [line] : [])),
  };
}

const withoutPid = (line: string): string => line.replace(/^\d+\s+/, '');

/** An interrupted call ends in a line of its own, which says `resumed`; both lines together count as one that worked. */
const hasWorked = (line: string): boolean => !/ = -1 E/.test(line);

const CHANGING = /^(creat|mkdir|rename|unlink|rmdir|symlink|link|chmod|fchmodat|truncate|utimensat|mknod)/;

function writtenBy(line: string, root: string): readonly string[] {
  if (/^open(at)?\(/.test(line) && !/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(line)) return [];
  if (!/^open(at)?\(/.test(line) && !CHANGING.test(line)) return [];
  const folder = /^\w+\((?:AT_FDCWD|\d+)<([^>]*)>/.exec(line)?.[1] ?? root;
  const paths = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, path = '']) => resolve(folder, path));
  // a link is made at its last path; the first one is what it leads to
  return /^(sym)?link(at)?\(/.test(line) ? paths.slice(-1) : paths;
}
