import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Document } from '../support/rig.js';

/** What a node does with the container of a pod: its command runs as a process of this machine, in a group of its own. */
export interface Container {
  readonly ended: Promise<number>;
  /** As a kubelet ends it: TERM, and KILL after the grace period. */
  readonly stop: (graceMs: number) => void;
}

/** Kubernetes replaces `$(NAME)` by variables, and makes one sign of two. */
function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\((\w+)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (variables[name] ?? whole),
  );
}

/** The variables of the container; or the words of a kubelet that cannot make it. */
export function environmentOf(
  container: Document,
  secrets: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Record<string, string> | string {
  const env: Record<string, string> = {};
  for (const { name, value, valueFrom } of container.env ?? []) {
    const { name: secret = '', key = '' } = valueFrom?.secretKeyRef ?? {};
    const text = valueFrom === undefined ? expand(value ?? '', env) : secrets[secret]?.[key];
    if (text === undefined) return `secret "${secret}" not found`;
    env[name] = text;
  }
  return env;
}

/** `outer`: what the image sets. */
export function startContainer(
  container: Document,
  logPath: string,
  env: Readonly<Record<string, string>>,
  outer: Readonly<Record<string, string>>,
): Container {
  const [program = '', ...words] = container.command.map((word: string) => expand(word, env));
  const log = openSync(logPath, 'a');
  const child = spawn(program, words, {
    cwd: container.workingDir,
    env: { ...outer, ...env },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  return {
    ended: new Promise((resolve) => {
      child.on('error', () => resolve(128));
      child.on('exit', (code, signal) => resolve(code ?? 128 + (SIGNALS[signal ?? ''] ?? 9)));
    }),
    stop: (graceMs) => {
      signalGroup(child, 'SIGTERM');
      const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
      child.on('exit', () => {
        clearTimeout(timer);
        signalGroup(child, 'SIGKILL');
      });
    },
  };
}

const SIGNALS: Readonly<Record<string, number>> = { SIGTERM: 15, SIGKILL: 9, SIGSEGV: 11, SIGINT: 2, SIGHUP: 1 };

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // The group has ended.
  }
}
