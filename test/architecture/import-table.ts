/**
 * ARCHITECTURE's arrows as data: which folder of src may import which others (its own files always).
 * `services` is cli/services.ts, the one place that builds adapters.
 */
const PURE = [
  'pipeline',
  'plan',
  'drift',
  'outliers',
  'quality',
  'concept',
  'decide',
  'gate',
  'report',
  'query',
] as const;
const PHASES = [...PURE, 'execute', 'models'] as const;
const ADAPTERS = ['registry', 'artifacts', 'dataset', 'platform', 'render', 'interop'] as const;

export const ALLOWED_IMPORTS: Readonly<Record<string, readonly string[]>> = {
  cli: ['services', 'flows', 'domain'],
  services: ['cli', ...ADAPTERS, 'domain'],
  flows: [...PHASES, 'domain'],
  ...Object.fromEntries([...PHASES, ...ADAPTERS].map((folder) => [folder, ['domain']])),
  plan: ['pipeline', 'domain'],
  domain: [],
};

/** Packages that belong to one room each; everything else a room may import is in its package list or nobody's. */
export const PACKAGE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  commander: ['cli'],
  yaml: ['pipeline', 'cli', 'quality', 'interop'],
  zod: ['pipeline', 'quality'],
  croner: ['pipeline', 'decide'],
  leven: ['pipeline'],
  picomatch: ['pipeline'],
  tinyglobby: ['platform'],
  'better-sqlite3': ['registry', 'artifacts', 'platform', 'interop'],
  '@duckdb/node-api': ['dataset'],
  '@duckdb/node-bindings': ['dataset'],
  chalk: ['render'],
  '@aws-sdk/client-s3': ['interop'],
  diff: ['lineage'],
  'string-width': ['render'],
  undici: ['platform'],
  tinypool: ['artifacts'],
};

/** Room of a file below src. */
export const roomOf = (path: string): string =>
  path === 'src/cli/services.ts' ? 'services' : (path.split('/')[1] ?? '');
