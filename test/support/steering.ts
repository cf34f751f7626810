import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A `run` that is steered by the test. `exec`: it is the step's own process, and signals meet it first. */
export const STEERED = 'exec node "$STEERED_STEP"';

/** One process of a steered step. Every command resolves once it is obeyed. */
export interface SteeredProcess {
  readonly pid: number;
  readonly attempt: number;
  readonly exit: (code: number) => Promise<void>;
  readonly write: (path: string, text: string) => Promise<void>;
  readonly print: (text: string) => Promise<void>;
  /** From here on the signal does nothing but being told to the test. */
  readonly ignore: (signal: NodeJS.Signals) => Promise<void>;
  readonly signalled: (signal: NodeJS.Signals) => Promise<void>;
  /** A child of it, in its process group, steered as well. */
  readonly spawn: () => Promise<SteeredProcess>;
  readonly isGone: () => boolean;
  readonly gone: Promise<void>;
}

export interface Steering extends Disposable {
  /** What refit must inherit for its steps to find the test. */
  readonly env: Readonly<Record<string, string>>;
  /** Waits for the next process of this step that the test has not yet met. */
  readonly started: (step: string) => Promise<SteeredProcess>;
  /** How many processes of this step there have been. */
  readonly startedCount: (step: string) => number;
}

const PATIENCE_MS = 30_000;

export function createSteering(): Steering {
  const folder = mkdtempSync(join(tmpdir(), 'refit-steer-'));
  const met = new Map<string, Mailbox<SteeredProcess>>();
  const counts = new Map<string, number>();
  const sockets = new Set<Socket>();
  const started = (step: string): Promise<SteeredProcess> => boxOf(met, step).take(`step "${step}" to start`);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    follow(socket, started, (step, one) => {
      counts.set(step, (counts.get(step) ?? 0) + 1);
      boxOf(met, step).put(one);
    });
  });
  const path = join(folder, 'socket');
  server.listen(path);
  server.unref();
  return {
    env: { STEERING_SOCKET: path, STEERED_STEP: join(import.meta.dirname, 'steered-step.mjs') },
    started,
    startedCount: (step) => counts.get(step) ?? 0,
    [Symbol.dispose]: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Message {
  readonly started?: string;
  readonly pid?: number;
  readonly attempt?: number | null;
  readonly done?: number;
  readonly signal?: string;
}

function follow(
  socket: Socket,
  started: Steering['started'],
  onStarted: (step: string, one: SteeredProcess) => void,
): void {
  const obeyed = new Map<string, Mailbox<true>>();
  let isGone = false;
  const gone = new Promise<void>((resolve) => {
    socket.on('close', () => {
      isGone = true;
      resolve();
    });
  });
  let commands = 0;
  const say = async (command: string, ...args: readonly unknown[]): Promise<void> => {
    const id = ++commands;
    socket.write(`${JSON.stringify({ id, command, args })}\n`);
    await boxOf(obeyed, `done ${id}`).take(`the step to ${command}`);
  };
  const become = (step: string, pid: number, attempt: number): SteeredProcess => ({
    pid,
    attempt,
    exit: (code) => say('exit', code),
    write: (path, text) => say('write', path, text),
    print: (text) => say('print', text),
    ignore: (signal) => say('ignore', signal),
    signalled: async (signal) => void (await boxOf(obeyed, signal).take(`${signal} at the step`)),
    spawn: async () => {
      await say('spawn');
      return started(`${step}/child`);
    },
    isGone: () => isGone,
    gone,
  });
  createInterface({ input: socket }).on('line', (line) => {
    const message: Message = JSON.parse(line);
    if (message.started !== undefined)
      onStarted(message.started, become(message.started, message.pid ?? 0, message.attempt ?? 0));
    if (message.done !== undefined) boxOf(obeyed, `done ${message.done}`).put(true);
    if (message.signal !== undefined) boxOf(obeyed, message.signal).put(true);
  });
}

/** What came and what is waited for, in order. */
interface Mailbox<T> {
  readonly put: (one: T) => void;
  readonly take: (what: string) => Promise<T>;
}

function boxOf<T>(boxes: Map<string, Mailbox<T>>, name: string): Mailbox<T> {
  const box = boxes.get(name) ?? createMailbox<T>();
  boxes.set(name, box);
  return box;
}

function createMailbox<T>(): Mailbox<T> {
  const here: T[] = [];
  const waiting: ((one: T) => void)[] = [];
  return {
    put: (one) => {
      const next = waiting.shift();
      if (next === undefined) here.push(one);
      else next(one);
    },
    take: (what) =>
      new Promise<T>((resolve, reject) => {
        const first = here.shift();
        if (first !== undefined) return resolve(first);
        const impatience = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), PATIENCE_MS);
        waiting.push((one) => {
          clearTimeout(impatience);
          resolve(one);
        });
      }),
  };
}
