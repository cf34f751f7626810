import { closeSync, constants, mkdirSync, mkdtempSync, openSync, readSync, rmSync, write } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProcessSpec } from '../../domain/ports/platform.js';
import { requireRealFolders } from '../real-folders.js';
import { capture } from './child.js';
import { splitLines } from './lines.js';
import { createMask } from './mask.js';

/** Where a process writes both of its streams. */
export interface ProcessOutput {
  /** For the process. */
  readonly fd: number;
  /** Closes `fd` here: the process, where it was started, has its own copy. */
  readonly started: () => void;
  /** To be called when the process has ended: writes what it printed to the log, and waits for no other writer. */
  readonly finish: () => Promise<void>;
}

/** Whether refit has to see the bytes, or a command opens `/dev/stderr` by name, which would truncate a log. */
export const needsRelay = ({ onLine, masked, argv }: ProcessSpec): boolean =>
  onLine !== undefined || (masked ?? []).some((secret) => secret !== '') || argv.some(opensByName);

const opensByName = (word: string): boolean => /\/dev\/(std(out|err)|fd\/)|\/proc\/self\/fd/.test(word);

const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;

/**
 * Opens an empty log for the process to write itself. This costs no memory and no work, and nothing is lost when refit is
 * killed. Throws Node's errors.
 */
export function openLog({ logPath = '/dev/null' }: ProcessSpec): ProcessOutput {
  const fd = openEmpty(logPath);
  return { fd, started: () => closeSync(fd), finish: async () => undefined };
}

/** Opens an empty log and a pipe through refit to it: to mask secrets and to show lines. Throws Node's errors. */
export async function openRelayedLog(spec: ProcessSpec): Promise<ProcessOutput> {
  const log = openEmpty(spec.logPath ?? '/dev/null');
  try {
    return relay(await makePipe(), log, spec);
  } catch (error) {
    closeSync(log);
    throw error;
  }
}

/** A log is a file of refit's own: a link in its place is not followed. The umask decides who may read it. */
const LOG_FLAGS = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW;

function openEmpty(path: string): number {
  requireRealFolders(dirname(path));
  try {
    return openSync(path, LOG_FLAGS, 0o666);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, LOG_FLAGS, 0o666);
  }
}

interface Pipe {
  readonly reader: number;
  readonly writer: number;
}

/** Makes a named pipe. Node's own pipes are sockets, and a process cannot open a socket again as `/dev/stdout`. */
async function makePipe(): Promise<Pipe> {
  const folder = mkdtempSync(join(tmpdir(), 'refit-'));
  try {
    const path = join(folder, 'pipe');
    const { exitCode, stderr } = await capture('mkfifo', ['-m', '600', path]);
    if (exitCode !== 0) throw new Error(`mkfifo failed: ${stderr.trim()}`);
    const reader = openSync(path, O_RDONLY | O_NONBLOCK);
    try {
      return { reader, writer: openSync(path, O_WRONLY) };
    } catch (error) {
      closeSync(reader);
      throw error;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The largest size of a pipe for an ordinary user. A process that has ended left no more than this in it. */
const MOST_IN_PIPE = 1024 * 1024;

/** Reads more only after the log took the last chunk: a step that prints a lot has to wait, and refit buffers nothing. */
function relay({ reader, writer }: Pipe, log: number, spec: ProcessSpec): ProcessOutput {
  const mask = createMask(spec.masked ?? []);
  const { onLine } = spec;
  const lines = onLine === undefined ? undefined : splitLines((line) => onLine('stdout', line));
  const take = async (bytes: Buffer): Promise<void> => {
    await writeWhole(log, bytes);
    lines?.push(bytes);
  };
  const socket = new Socket({ fd: reader, readable: true, writable: false });
  let isFinishing = false;
  let taken = Promise.resolve();
  socket.on('error', () => undefined);
  const onData = (chunk: Buffer): void => {
    socket.pause();
    taken = take(mask.push(chunk)).then(() => {
      if (!isFinishing) socket.resume();
    });
  };
  socket.on('data', onData);
  const rest = function* (): Generator<Buffer> {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) yield chunk;
    if (!socket.destroyed) yield* drain(reader);
  };
  return {
    fd: writer,
    started: () => closeSync(writer),
    finish: async () => {
      isFinishing = true;
      socket.pause();
      // `socket.read()` below also calls listeners, which would write the chunk twice
      socket.off('data', onData);
      await taken;
      for (const chunk of rest()) await take(mask.push(chunk));
      socket.destroy();
      await take(mask.end());
      lines?.end();
      closeSync(log);
    },
  };
}

/** What the pipe holds now. Does not wait for processes that keep it open. */
function* drain(reader: number): Generator<Buffer> {
  for (let total = 0; total < MOST_IN_PIPE; ) {
    const chunk = Buffer.alloc(64 * 1024);
    const length = readNow(reader, chunk);
    if (length === 0) return;
    total += length;
    yield chunk.subarray(0, length);
  }
}

function readNow(reader: number, into: Buffer): number {
  try {
    return readSync(reader, into);
  } catch {
    // EAGAIN: the pipe is empty, and a process still holds the other end
    return 0;
  }
}

/** A full disk loses lines of the log, not the step. */
const writeWhole = (fd: number, bytes: Buffer): Promise<void> =>
  new Promise((resolve) => {
    if (bytes.length === 0) return resolve();
    write(fd, bytes, (error, written) => {
      if (error !== null || written === bytes.length) resolve();
      else resolve(writeWhole(fd, bytes.subarray(written)));
    });
  });
