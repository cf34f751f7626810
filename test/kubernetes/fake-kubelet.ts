import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from '../support/rig.js';

/** What a node does with the container of a pod: its command runs as a process of this machine, in a group of its own. */
export interface Container {
  readonly pid: number;
  readonly ended: Promise<number>;
  /** It did not end by itself in its grace period. */
  readonly wasKilled: () => boolean;
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
  node: string,
): Record<string, string> | string {
  const env: Record<string, string> = {};
  for (const { secretRef } of container.envFrom ?? []) {
    const keys = secrets[secretRef.name];
    if (keys === undefined) return `secret "${secretRef.name}" not found`;
    Object.assign(env, keys);
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const { name: secret = '', key = '' } = valueFrom?.secretKeyRef ?? {};
    const given = valueFrom?.fieldRef?.fieldPath === 'spec.nodeName' ? node : secrets[secret]?.[key];
    const text = valueFrom === undefined ? expand(value ?? '', env) : given;
    if (text === undefined) return `secret "${secret}" not found`;
    env[name] = text;
  }
  return env;
}

interface Surroundings {
  readonly logPath: string;
  readonly env: Readonly<Record<string, string>>;
  /** What the image sets. */
  readonly outer: Readonly<Record<string, string>>;
  /** The folder that holds the empty volumes of its pod, by their names. */
  readonly volume?: string | undefined;
}

/**
 * In mounts of its own, so that it sees the volumes where the manifest says, and nothing of the workspace that is there. The folder
 * /run is its own, too.
 */
const MOUNTED = `mount -t tmpfs none /run || exit 125
while [ "$1" != in ]; do mkdir -p "$2" && mount --bind "$1" "$2" || exit 125; shift 2; done
cd "$2" && shift 2 && exec "$@"`;

export function startContainer(container: Document, { logPath, env, outer, volume }: Surroundings): Container {
  const words: string[] = container.command.map((word: string) => expand(word, env));
  const { workingDir = '/', volumeMounts = [] } = container;
  const mounts = volumeMounts.flatMap(({ name, mountPath }: Record<'name' | 'mountPath', string>) => {
    const from = join(volume ?? '/', name);
    return existsSync(from) ? [from, mountPath] : [];
  });
  const [program = '', ...rest] =
    volume === undefined
      ? words
      : ['unshare', '--mount', 'sh', '-c', MOUNTED, 'sh', ...mounts, 'in', workingDir, ...words];
  const log = openSync(logPath, 'a');
  const child = spawn(program, rest, {
    cwd: volume === undefined ? workingDir : '/',
    env: { ...outer, ...env },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  let wasKilled = false;
  return {
    wasKilled: () => wasKilled,
    pid: child.pid ?? 0,
    ended: new Promise((resolve) => {
      child.on('error', () => resolve(128));
      child.on('exit', (code, signal) => resolve(code ?? 128 + (SIGNALS[signal ?? ''] ?? 9)));
    }),
    stop: (graceMs) => {
      // A container engine signals the first process only.
      if (volume === undefined) signalGroup(child, 'SIGTERM');
      else child.kill('SIGTERM');
      const timer = setTimeout(() => {
        wasKilled = true;
        signalGroup(child, 'SIGKILL');
      }, graceMs);
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
