import { z } from 'zod';
import { nearMiss } from '../../domain/support/near-miss.js';
import type { Note, Reporter } from './collect-diagnostics.js';
import { alternativesAt, keysAt } from './known-keys.js';
import type { YamlPath } from './source/yaml-source.js';

type Issue = z.core.$ZodIssue;

export interface Shaped<T> {
  readonly raw: T;
  /** Paths that were removed so that checking can go on. Faults that follow from their absence must not be reported. */
  readonly pruned: readonly YamlPath[];
}

/** Upper limit of the repeated checks of the pruned rest: one fault may hide others. */
const ROUNDS = 20;

/**
 * Checks keys and types, and reports every fault at its place. Then removes what is wrong, so that faults of the rest
 * (cycles, two writers, missing inputs) are found in the same call.
 */
export function checkShape<T>(value: unknown, schema: z.ZodType<T>, report: Reporter): Shaped<T> | undefined {
  const pruned: YamlPath[] = [];
  let rest: unknown = structuredClone(value);
  for (let round = 0; round < ROUNDS; round++) {
    const parsed = schema.safeParse(rest, { reportInput: true });
    if (parsed.success) return { raw: parsed.data, pruned };
    const issues = parsed.error.issues.flatMap((one) => ofLikeliest(one, rest, schema));
    // Later rounds find faults that the pruning itself caused. Those are not the user's.
    if (round === 0) reportIssues(issues, { report, schema, value: rest });
    const wrong = issues.flatMap((issue): readonly YamlPath[] => {
      const path = pathOf(issue);
      return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
    });
    for (const path of wrong) pruned.push(path);
    rest = prune(rest, branchOf(wrong));
  }
  return undefined;
}

/**
 * Of a union, zod reports the alternative in which only keys are unknown, even if another one has these keys and a fault inside.
 * Then the faults of the likeliest alternative are returned, with their whole paths.
 */
function ofLikeliest(issue: Issue, value: unknown, schema: z.ZodType): readonly Issue[] {
  if (issue.code !== 'unrecognized_keys') return [issue];
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const options = alternativesAt(schema, path);
  if (options.length < 2 || !issue.keys.some((key) => keysAt(schema, path).includes(key))) return [issue];
  const here = valueAt(value, path);
  const faults = options.flatMap((option): readonly (readonly Issue[])[] => {
    const checked = z.core.safeParse(option, here, { reportInput: true });
    return checked.success || isOfOtherType(checked.error.issues) ? [] : [checked.error.issues];
  });
  const [best = []] = faults.toSorted((a, b) => faultScore(a) - faultScore(b));
  const found = best.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
  return found.length === 0
    ? [issue]
    : found.flatMap((one) => (one.path.length > path.length ? ofLikeliest(one, value, schema) : [one]));
}

const valueAt = (value: unknown, path: YamlPath): unknown =>
  path.reduce<unknown>((at, part) => (at as Readonly<Record<string | number, unknown>> | undefined)?.[part], value);

const isOfOtherType = (errors: readonly Issue[]): boolean =>
  errors.some((one) => one.code === 'invalid_type' && one.path.length === 0);

/** The part that has to go; of unknown keys the map that holds them. */
function pathOf(issue: Issue): YamlPath {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const isMissing = issue.code === 'invalid_type' && issue.input === undefined;
  // A step without a command keeps its place in the graph.
  return isMissing && path.at(-1) !== 'run' ? path.slice(0, -1) : path;
}

/** Parts of a value that have to go, by their keys. A branch without parts goes as a whole. */
interface Branch {
  readonly parts: Map<string | number, Branch>;
  isWrong: boolean;
}

function branchOf(paths: readonly YamlPath[]): Branch {
  const root: Branch = { parts: new Map(), isWrong: false };
  for (const path of paths) {
    let here = root;
    for (const part of path) {
      const next = here.parts.get(part) ?? { parts: new Map(), isWrong: false };
      here.parts.set(part, next);
      here = next;
    }
    here.isWrong = true;
  }
  return root;
}

/** The value without these parts, all in one walk: there may be thousands. A missing or wrong command is replaced by one that does nothing. */
function prune(value: unknown, { parts, isWrong }: Branch): unknown {
  if (isWrong || typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value))
    return value.flatMap((one, i): readonly unknown[] => {
      const part = parts.get(i);
      if (part === undefined) return [one];
      return part.isWrong ? [] : [prune(one, part)];
    });
  const isWithoutCommand = parts.get('run')?.isWrong === true && !('run' in value);
  // Keeps the order of the keys, because it decides which fault of a pair is reported.
  return Object.fromEntries(
    Object.entries(value)
      .flatMap(([name, one]): readonly (readonly [string, unknown])[] => {
        const part = parts.get(name);
        if (part === undefined) return [[name, one]];
        if (!part.isWrong) return [[name, prune(one, part)]];
        return name === 'run' ? [['run', 'true']] : [];
      })
      .concat(isWithoutCommand ? [['run', 'true']] : []),
  );
}

/** More faults of one file are not written by people. */
const MOST_FAULTS = 1000;

function reportIssues(issues: readonly Issue[], context: ShapeContext): void {
  for (const issue of issues.slice(0, MOST_FAULTS)) reportIssue(issue, [], context);
  if (issues.length > MOST_FAULTS)
    context.report.at([], {
      code: 'too-many-faults',
      message: `${issues.length - MOST_FAULTS} more parts of the file are wrong`,
    });
}

/** How many unknown keys of a map get a suggestion. */
const SUGGESTED = 20;

interface ShapeContext {
  readonly report: Reporter;
  readonly schema: z.ZodType;
  /** The whole value that is checked. */
  readonly value: unknown;
}

function reportIssue(issue: Issue, above: YamlPath, context: ShapeContext): void {
  const path = [...above, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'unrecognized_keys') {
    const likeliest = above.length === 0 ? [issue] : ofLikeliest({ ...issue, path }, context.value, context.schema);
    for (const one of likeliest)
      if (one.code === 'unrecognized_keys') reportUnknownKeys(one, context);
      else reportIssue(one, [], context);
  } else if (issue.code === 'invalid_union') reportUnion(issue, path, context);
  else if (issue.code === 'invalid_key' && path.length > 0)
    context.report.atKey(path.slice(0, -1), String(path.at(-1)), noteOf(issue, path, []));
  else context.report.at(path, noteOf(issue, path, keysAt(context.schema, path)));
}

/** `keys`: those that the schema knows at this place, if a map belongs there. */
function noteOf(issue: Issue, path: YamlPath, keys: readonly string[]): Note {
  const where = path.length === 0 ? 'the file' : `"${path.join('.')}"`;
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(where, issue, keys);
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

function wrongType(where: string, { expected, input }: z.core.$ZodIssueInvalidType, keys: readonly string[]): Note {
  if (input === undefined)
    return {
      code: 'missing-key',
      message: `${where} is missing`,
      suggestion: `add it: it must be ${article(expected)}${expected === 'object' ? withKeys(keys) : ''}`,
    };
  return {
    code: 'wrong-type',
    message: `${where} must be ${article(expected)}, and is ${shown(input)}`,
    suggestion: expected === 'object' && keys.length > 0 ? `write a map${withKeys(keys)}` : undefined,
  };
}

const withKeys = (keys: readonly string[]): string =>
  keys.length === 0 ? '' : ` with ${keys.length === 1 ? 'the key' : 'keys like'} ${keys.slice(0, 6).join(', ')}`;

const NAMES: Readonly<Record<string, string>> = {
  record: 'a map of names to values',
  object: 'a map',
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

/**
 * Reports the faults of the alternative that the user most probably meant: the one with the lowest fault score. If none
 * fits at all, lists the alternatives.
 */
function reportUnion(issue: Extract<Issue, { code: 'invalid_union' }>, path: YamlPath, context: ShapeContext): void {
  const branches = issue.errors.filter((errors) => !isOfOtherType(errors));
  const best = [...branches].sort((a, b) => faultScore(a) - faultScore(b))[0];
  if (best !== undefined) {
    for (const inner of best) reportIssue(inner, path, context);
    return;
  }
  const expected = [
    ...new Set(issue.errors.flat().flatMap((one) => ('expected' in one ? [article(one.expected)] : []))),
  ];
  const where = path.length === 0 ? 'the file' : `"${path.join('.')}"`;
  if (issue.input === undefined) {
    const suggestion = `add it: it must be ${expected.join(' or ')}`;
    context.report.at(path, { code: 'missing-key', message: `${where} is missing`, suggestion });
    return;
  }
  context.report.at(path, {
    code: 'wrong-type',
    message: `${where} must be ${expected.join(' or ')}, and is ${shown(issue.input)}`,
  });
}

/**
 * Unknown and missing keys at the top of an alternative count against it, a fault below one of its keys counts for it.
 */
const faultScore = (errors: readonly Issue[]): number =>
  errors.reduce(
    (sum, one) => sum + (one.code === 'unrecognized_keys' ? 2 * one.keys.length : one.path.length <= 1 ? 2 : 1),
    0,
  );

function reportUnknownKeys(
  { keys, path: given }: Extract<Issue, { code: 'unrecognized_keys' }>,
  { report, schema, value }: ShapeContext,
): void {
  const path = given.map((part) => (typeof part === 'number' ? part : String(part)));
  const where = path.length === 0 ? '' : ` in "${path.join('.')}"`;
  const known = keysAt(schema, path);
  const beside = Object.keys(valueAt(value, path) ?? {}).filter((key) => !keys.includes(key));
  for (const [i, key] of keys.entries()) {
    // It belongs to another form of this map, and the file mixes two of them.
    if (known.includes(key) && beside.length > 0)
      report.atKey(path, key, {
        code: 'unknown-key',
        message: `"${key}" cannot stand beside "${beside.join('", "')}"${where}`,
        suggestion: 'keep one of them',
      });
    else
      report.atKey(path, key, {
        code: 'unknown-key',
        message: `unknown key "${key}"${where}`,
        suggestion: i < SUGGESTED ? suggestKey(key, known) : undefined,
      });
  }
}

function suggestKey(key: string, known: readonly string[]): string {
  const near = nearMiss(key, known);
  return near === undefined ? `known keys: ${known.join(', ')}` : `did you mean "${near}"?`;
}
