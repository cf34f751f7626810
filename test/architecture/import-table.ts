/**
 * Who may import whom, as data. A file belongs to one room; a room may import itself, what its rule lists, `domain` and
 * `statistics`. Capabilities stand in an order: each may import those before it.
 */

/** From below to above: a use case may reach the use cases, judges and views of the capabilities before its own. */
export const ORDER = [
  'pipeline',
  'models',
  'data',
  'execute',
  'drift',
  'performance',
  'gate',
  'serving',
  'run',
  'retrain',
] as const;

/** Beside the ordered ones: they may import all of those, and each other in this order. The ordered ones never import them. */
export const BESIDE = ['remote', 'lineage', 'upkeep', 'interop', 'notify', 'status', 'report', 'shell'] as const;

export const ADAPTERS = [
  'registry',
  'artifacts',
  'tables',
  'platform',
  'render',
  'remote/stores',
  'interop/clients',
  'sources',
] as const;

export type Kind =
  | 'domain'
  | 'statistics'
  | 'parts'
  | 'judge'
  | 'view'
  | 'use-case'
  | 'adapter'
  | 'services'
  | 'cli'
  | 'command'
  | 'main';

interface Rule {
  /** What it may import, besides its own kind within its own room. */
  readonly may: readonly Kind[];
  /** Whether it may import these of lower capabilities, or only of its own. */
  readonly reach: 'own' | 'lower' | 'any';
  readonly because: string;
}

const RULES: Readonly<Record<Kind, Rule>> = {
  domain: { may: ['domain'], reach: 'any', because: 'the nouns and the ports depend on nothing' },
  statistics: { may: ['statistics', 'domain'], reach: 'any', because: 'formulas depend on numbers alone' },
  parts: {
    may: ['parts', 'domain', 'statistics'],
    reach: 'any',
    because: 'tables, plots and wording that every view shares are pure',
  },
  judge: {
    may: ['judge', 'domain', 'statistics'],
    reach: 'lower',
    because: 'a judgement is a pure function of stored facts: no clock, no file, no SQL',
  },
  view: {
    may: ['view', 'parts', 'domain', 'statistics'],
    reach: 'lower',
    because: 'what a person reads is a pure function of stored facts: no colour, no terminal',
  },
  'use-case': {
    may: ['use-case', 'judge', 'view', 'domain', 'statistics'],
    reach: 'lower',
    because: 'it knows the order of calls and reaches the world through ports',
  },
  adapter: {
    may: ['domain', 'statistics', 'parts'],
    reach: 'any',
    because: 'an adapter knows one outside system, and no use case',
  },
  services: {
    may: ['adapter', 'parts', 'cli', 'domain'],
    reach: 'any',
    because:
      'the only place that builds adapters, and hands them the words for failures; names for completion are read without them',
  },
  cli: { may: ['cli', 'services', 'domain'], reach: 'any', because: 'what all commands share knows no capability' },
  command: {
    may: ['cli', 'services', 'command', 'use-case', 'view', 'judge', 'domain'],
    reach: 'lower',
    because:
      'a command resolves its arguments (a pipeline file, a model@version) with lower capabilities, and calls one of its own',
  },
  main: {
    may: ['main', 'command', 'cli', 'use-case', 'parts', 'domain'],
    reach: 'any',
    because:
      'it registers the commands, passes use cases to those that may not import them, and prints what no command could',
  },
};

/** Adapters that may import one file of another, each with its reason. */
const ADAPTER_EXCEPTIONS: readonly { readonly to: string; readonly because: string }[] = [
  {
    to: 'src/platform/durable-files.ts',
    because: 'temp, fsync, rename and fsync of the folder exist once, for every adapter that writes files',
  },
  {
    to: 'src/platform/database-file.ts',
    because: 'who may read and write the file of a database is decided once',
  },
  {
    to: 'src/platform/disk-room.ts',
    because: 'whether a disk is full is decided once, for the registry and for what is not recorded',
  },
  {
    to: 'src/platform/containment.ts',
    because: 'whether a stored path may be written is decided once, for every adapter that joins one',
  },
  {
    to: 'src/platform/reach.ts',
    because: 'where a link may lead is decided once, for globs and for the hashes of files',
  },
];

/** Packages that belong to few rooms each; no other package may be imported. */
export const PACKAGE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  commander: ['cli', 'main', 'command', 'shell'],
  yaml: ['pipeline', 'cli', 'data', 'platform', 'interop', 'interop/clients', 'upkeep'],
  zod: ['pipeline', 'data', 'remote', 'report', 'interop/clients'],
  croner: ['pipeline', 'retrain'],
  leven: ['domain'],
  execa: ['platform'],
  undici: ['platform', 'remote/stores'],
  tinypool: ['artifacts'],
  diff: ['lineage'],
  'better-sqlite3': ['registry', 'artifacts', 'platform', 'interop/clients', 'sources'],
  '@duckdb/node-api': ['tables'],
  '@duckdb/node-bindings': ['tables'],
  chalk: ['render'],
  ora: ['render'],
  'string-width': ['render'],
  '@aws-sdk/client-s3': ['remote/stores'],
  mysql2: ['sources'],
  pg: ['sources'],
  'pg-cursor': ['sources'],
  '@observablehq/plot': ['report'],
  '@dagrejs/dagre': ['report'],
  linkedom: ['report'],
  preact: ['report'],
  'preact-render-to-string': ['report'],
};

/** The room of a file below src: a capability, an adapter, or one of cli, main, domain, statistics. */
export function roomOf(path: string): string {
  const [, first = '', second = ''] = path.split('/');
  if (first.endsWith('.ts')) return 'main';
  if (first === 'remote' && second === 'stores') return 'remote/stores';
  if (first === 'interop' && /^(mlflow|openlineage|prometheus|run-uuid\.ts)$/.test(second)) return 'interop/clients';
  return first;
}

export function kindOf(path: string): Kind {
  const room = roomOf(path);
  if (path === 'src/cli/services.ts' || path === 'src/cli/workspace-names.ts') return 'services';
  // The program on a node is one of its own.
  if (path === 'src/platform/job/job.ts') return 'services';
  if (path.startsWith('src/render/parts/')) return 'parts';
  if (path.endsWith('.command.ts')) return 'command';
  if (room === 'main' || room === 'cli' || room === 'domain' || room === 'statistics') return room;
  if ((ADAPTERS as readonly string[]).includes(room)) return 'adapter';
  if (path.includes('/judge/')) return 'judge';
  return path.includes('/views/') ? 'view' : 'use-case';
}

/** Whether a capability is the other or may import it. */
function mayReach(from: string, to: string): boolean {
  if (from === to) return true;
  const [i, j] = [ORDER.indexOf(from as never), ORDER.indexOf(to as never)];
  if (i >= 0) return j >= 0 && j < i;
  const [k, l] = [BESIDE.indexOf(from as never), BESIDE.indexOf(to as never)];
  return k >= 0 && (j >= 0 || (l >= 0 && l < k));
}

/** The complaint about an import, or `undefined` where it is allowed. */
export function complaint(from: string, to: string): string | undefined {
  const [here, there] = [kindOf(from), kindOf(to)];
  const rule = RULES[here];
  const isOwnAdapter = here === 'adapter' && there === 'adapter' && roomOf(from) === roomOf(to);
  if (isOwnAdapter || ADAPTER_EXCEPTIONS.some((one) => here === 'adapter' && one.to === to)) return undefined;
  const isReached =
    rule.reach === 'any' ||
    !['use-case', 'judge', 'view', 'command'].includes(there) ||
    (rule.reach === 'own' ? roomOf(from) === roomOf(to) : mayReach(roomOf(from), roomOf(to)));
  return rule.may.includes(there) && isReached ? undefined : `${from} → ${to} (${here}: ${rule.because})`;
}
