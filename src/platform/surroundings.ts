import { accessSync, constants, statSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { delimiter, resolve } from 'node:path';
import type { Surroundings } from '../domain/ports/platform.js';
import { capture } from './processes/capture.js';
import type { Secrets } from './secrets.js';

/** Machine and tool versions, actor, environment. */
export const createSurroundings = (
  binFolder: string,
  {
    versions,
    secrets,
  }: {
    /** Of refit's own parts. */
    readonly versions: Readonly<Record<string, string>>;
    readonly secrets: () => Secrets;
  },
): Surroundings => ({
  binFolder,
  node: process.execPath,
  environment: async (programs) => ({
    host: hostname(),
    platform: `${process.platform}-${process.arch}`,
    tools: { ...versions, node: process.versions.node, ...(await versionsOf(programs)) },
  }),
  platform: () => `${process.platform}-${process.arch}`,
  user: () => {
    const [uid, gid] = [process.getuid?.(), process.getgid?.()];
    return uid === undefined || gid === undefined ? undefined : { uid, gid };
  },
  hasProgram: (name) => (variables().PATH ?? '').split(delimiter).some((folder) => isProgram(resolve(folder, name))),
  actor: () => process.env.REFIT_ACTOR ?? process.env.GITHUB_ACTOR ?? userName(),
  variables,
  env: once(() => without(variables(), (name) => secrets().names.has(name))),
  publicEnv: once(() => without(variables(), (name) => secrets().isCredential(name))),
  masked: () => secrets().words,
  maskedIn: (texts) => secrets().wordsIn(texts),
  mask: (text) => secrets().mask(text),
});

type Env = Readonly<Record<string, string>>;

/** Read once: `process.env` asks the system for every variable, and it does not change while a command runs. */
const variables = once(
  (): Env =>
    Object.fromEntries(
      Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
);

function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const without = (env: Env, isLeftOut: (name: string) => boolean): Env =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !isLeftOut(name)));

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

/** Versions of those programs that are found. */
export async function versionsOf(programs: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const asked = await Promise.all(
    programs.map(async (program) => {
      const result = await capture(program, ['--version'], { timeoutMs: 5000 });
      const version = /\d+(\.\d+)+\S*/.exec(result.stdout + result.stderr)?.[0];
      return result.exitCode === 0 && version !== undefined ? [[program, version] as const] : [];
    }),
  );
  return Object.fromEntries(asked.flat());
}
