import type { z } from 'zod';
import { nearMiss } from './near-miss.js';
import type { Note, Reporter } from './reporter.js';
import { SCHEMA_KEYS, schemaFile } from './schema/data.js';
import { TRIGGER_KEYS } from './schema/retrain.js';
import { pipelineFile } from './schema.js';
import type { YamlPath } from './source.js';

type Issue = z.core.$ZodIssue;

/** What a file may hold. `keys`: the known keys by section, for suggestions; `''` is the top. */
export interface FileShape<T> {
  readonly schema: z.ZodType<T>;
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

export interface Shaped<T> {
  readonly raw: T;
  /** What had to be taken away to go on: faults that hang on it are not to be reported too. */
  readonly pruned: readonly YamlPath[];
}

/** Faults may hide below others: so often is the pruned rest looked at again. */
const ROUNDS = 20;

/**
 * Checks keys and types; every fault becomes a diagnostic where it is written. What is wrong is then taken away, so that
 * the faults of the rest (cycles, two writers, missing inputs) are found in the same go.
 */
export function checkShape<T>(value: unknown, shape: FileShape<T>, report: Reporter): Shaped<T> | undefined {
  const pruned: YamlPath[] = [];
  let rest: unknown = structuredClone(value);
  for (let round = 0; round < ROUNDS; round++) {
    const parsed = shape.schema.safeParse(rest, { reportInput: true });
    if (parsed.success) return { raw: parsed.data, pruned };
    for (const issue of parsed.error.issues) {
      // later rounds find what the pruning itself broke: that is nobody's mistake
      if (round === 0) reportIssue(issue, [], { report, keys: shape.keys });
      for (const path of pathsToPrune(issue)) {
        pruned.push(path);
        rest = prune(rest, path);
      }
    }
  }
  return undefined;
}

function pathsToPrune(issue: Issue): readonly YamlPath[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [...path, key]);
  const isMissing = issue.code === 'invalid_type' && issue.input === undefined;
  // a step without its command keeps its place in the graph
  return [isMissing && path.at(-1) !== 'run' ? path.slice(0, -1) : path];
}

/** The value without what lies at the path; a missing or wrong command is replaced by one that does nothing. */
function prune(value: unknown, path: YamlPath): unknown {
  const [key, ...below] = path;
  if (key === undefined || typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value))
    return value.flatMap((one, i): readonly unknown[] =>
      i !== key ? [one] : below.length === 0 ? [] : [prune(one, below)],
    );
  // key by key, so that the order of the file stays: it decides which fault of a pair is named
  return Object.fromEntries(
    Object.entries(value)
      .flatMap(([name, one]): readonly (readonly [string, unknown])[] => {
        if (name !== key) return [[name, one]];
        if (below.length > 0) return [[name, prune(one, below)]];
        return name === 'run' ? [[name, 'true']] : [];
      })
      .concat(key === 'run' && below.length === 0 && !('run' in value) ? [['run', 'true']] : []),
  );
}

interface Look {
  readonly report: Reporter;
  readonly keys: FileShape<unknown>['keys'];
}

function reportIssue(issue: Issue, above: YamlPath, look: Look): void {
  const path = [...above, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'unrecognized_keys') for (const key of issue.keys) reportUnknownKey(path, key, look);
  else if (issue.code === 'invalid_union') reportUnion(issue, path, look);
  else look.report.at(path, noteOf(issue, path));
}

function noteOf(issue: Issue, path: YamlPath): Note {
  const where = path.length === 0 ? 'the file' : `"${path.join('.')}"`;
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(where, issue.expected, issue.input);
    case 'invalid_value':
      return {
        code: 'wrong-value',
        message: `${where} cannot be ${shown(issue.input)}`,
        suggestion: suggestValue(issue.input, issue.values.map(String)),
      };
    case 'invalid_key':
      return { code: 'wrong-name', message: `${where} is no name: ${issue.issues[0]?.message ?? ''}` };
    case 'custom':
      return {
        code: typeof issue.params?.code === 'string' ? issue.params.code : 'wrong-value',
        message: `${where} is ${shown(issue.input)}: ${issue.message}`,
      };
    default:
      return { code: 'wrong-value', message: `${where}: ${issue.message}` };
  }
}

const wrongType = (where: string, expected: string, input: unknown) =>
  input === undefined
    ? { code: 'missing-key', message: `${where} is missing`, suggestion: `add it: it must be ${article(expected)}` }
    : { code: 'wrong-type', message: `${where} must be ${article(expected)}, and is ${shown(input)}` };

const NAMES: Readonly<Record<string, string>> = {
  record: 'a map of names to values',
  object: 'a map of names to values',
  array: 'a list',
  int: 'a whole number',
  boolean: 'true or false',
  string: 'text',
};

const article = (expected: string): string => NAMES[expected] ?? `a ${expected}`;

const shown = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  return value === null ? 'empty' : typeof value === 'string' ? `"${value}"` : String(value);
};

function suggestValue(input: unknown, values: readonly string[]): string {
  const near = typeof input === 'string' ? nearMiss(input, values) : undefined;
  return near === undefined ? `use one of: ${values.join(', ')}` : `did you mean "${near}"?`;
}

/** The branch that was meant is the one that fails deepest; with none, what the alternatives are. */
function reportUnion(issue: Extract<Issue, { code: 'invalid_union' }>, path: YamlPath, look: Look): void {
  const branches = issue.errors.filter(
    (errors) => !errors.some((one) => one.code === 'invalid_type' && one.path.length === 0),
  );
  const best = [...branches].sort((a, b) => faultScore(a) - faultScore(b))[0];
  if (best !== undefined) {
    for (const inner of best) reportIssue(inner, path, look);
    return;
  }
  const expected = [
    ...new Set(issue.errors.flat().flatMap((one) => ('expected' in one ? [article(one.expected)] : []))),
  ];
  const where = path.length === 0 ? 'the file' : `"${path.join('.')}"`;
  if (issue.input === undefined) {
    const suggestion = `add it: it must be ${expected.join(' or ')}`;
    look.report.at(path, { code: 'missing-key', message: `${where} is missing`, suggestion });
    return;
  }
  look.report.at(path, {
    code: 'wrong-type',
    message: `${where} must be ${expected.join(' or ')}, and is ${shown(issue.input)}`,
  });
}

/** Unknown and missing keys at the top of a branch speak against it; a fault below its known keys speaks for it. */
const faultScore = (errors: readonly Issue[]): number =>
  errors.reduce(
    (sum, one) => sum + (one.code === 'unrecognized_keys' ? 2 * one.keys.length : one.path.length <= 1 ? 2 : 1),
    0,
  );

const keyLists: FileShape<unknown>['keys'] = {
  '': Object.keys(pipelineFile.shape),
  steps: [
    'run',
    'role',
    'inputs',
    'outputs',
    'metrics',
    'params',
    'env',
    'secrets',
    'after',
    'expect',
    'timeout',
    'retries',
    'resources',
    'executor',
    'image',
    'cache',
    'matrix',
  ],
  datasets: ['path', 'time', 'checks'],
  model: ['name', 'path', 'evaluate', 'gate', 'first', 'approval', 'publish'],
  monitor: ['reference', 'current', 'predictions', 'labels', 'ignore', 'segments', 'metrics', 'method'],
  retrain: ['when', 'on_data_bug', 'on_unclear', 'cooldown', 'limit', 'pause_after_failures', 'mode', 'tick'],
  gate: [
    'metric',
    'direction',
    'against',
    'slices',
    'min',
    'max',
    'max_regression',
    'min_improvement',
    'max_improvement',
    'confidence',
    'relative',
    'min_count',
    'smoke',
    'timeout',
  ],
  when: ['any', 'all', 'not', ...TRIGGER_KEYS, 'timezone', 'for', 'every', 'fires', 'again'],
  checks: ['schema', ...SCHEMA_KEYS[''].filter((key) => key !== 'description')],
  columns: SCHEMA_KEYS.columns,
  outliers: SCHEMA_KEYS.outliers,
  expect: ['metrics', 'outputs'],
  publish: ['path', 'keep', 'deploy', 'verify', 'on_failure'],
  evaluate: ['run', 'inputs', 'params', 'timeout'],
};

export const PIPELINE_SHAPE = { schema: pipelineFile, keys: keyLists };
export const SCHEMA_SHAPE = { schema: schemaFile, keys: SCHEMA_KEYS };

function reportUnknownKey(path: YamlPath, key: string, { report, keys }: Look): void {
  const section = [...path].reverse().find((part) => typeof part === 'string' && part in keys) ?? '';
  const known = keys[String(section)] ?? [];
  const near = nearMiss(key, known);
  report.atKey(path, key, {
    code: 'unknown-key',
    message: `unknown key "${key}"${path.length === 0 ? '' : ` in "${path.join('.')}"`}`,
    suggestion: near === undefined ? `known keys: ${known.join(', ')}` : `did you mean "${near}"?`,
  });
}
