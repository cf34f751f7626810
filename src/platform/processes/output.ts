import { execFile } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, write } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ProcessSpec } from '../../domain/ports/platform.js';
import { splitLines } from './lines.js';
import { createMask } from './mask.js';
import { type OutputTarget, openLog } from './output-target.js';

/** Where a process writes. */
export interface ProcessOutput {
  readonly target: OutputTarget;
  /** The process has its own copy of what was open. */
  readonly started: () => void;
  /** Nobody but runaways writes any more: the log holds what was written. */
  readonly finish: () => Promise<void>;
}

/**
 * The log itself, where refit has nothing to do with the bytes: no memory, no work, nothing lost if refit is killed. A
 * pipe through refit where secrets must be masked or lines are shown, and where a command opens `/dev/stderr` by name,
 * which would cut a file to nothing.
 */
export async function openProcessOutput(spec: ProcessSpec): Promise<ProcessOutput> {
  const { logPath = '/dev/null' } = spec;
  const isDirect =
    spec.onLine === undefined && !spec.masked?.some((secret) => secret !== '') && !spec.argv.some(opensByName);
  if (isDirect) return { target: { logPath }, started: () => undefined, finish: async () => undefined };
  const fd = openLog(logPath);
  try {
    return relay(await makePipe(), fd, spec);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

const opensByName = (word: string): boolean => /\/dev\/(std(out|err)|fd\/)|\/proc\/self\/fd/.test(word);

interface Pipe {
  readonly reader: number;
  readonly writer: number;
}

/** A real pipe: Node's own are sockets, which a process cannot open again as `/dev/stdout`. */
async function makePipe(): Promise<Pipe> {
  const folder = mkdtempSync(join(tmpdir(), 'refit-'));
  try {
    const path = join(folder, 'pipe');
    await promisify(execFile)('mkfifo', ['-m', '600', path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { reader, writer: openSync(path, constants.O_WRONLY) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The largest a pipe gets for a user: what is in it when the process ends is no more. */
const MOST_IN_PIPE = 1024 * 1024;

/** Reads on only when the log has taken what was read: a step that prints much waits, and refit keeps nothing. */
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
    target: { fd: writer },
    started: () => closeSync(writer),
    finish: async () => {
      isFinishing = true;
      socket.pause();
      // what is read by hand below is told to listeners too, and would be written twice
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

/** What a pipe holds now, without waiting for those that keep it open. */
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
    // EAGAIN: empty, and somebody still holds the other end
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
