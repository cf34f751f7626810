import type { ExecutorName } from '../../domain/pipeline/executor.js';
import type {
  Command,
  EnvironmentRef,
  ParamValue,
  Retries,
  Template,
  ValueRef,
} from '../../domain/pipeline/pipeline.js';
import { suggestOne } from '../../domain/support/near-miss.js';
import { parseDuration, SECOND_MS } from '../../domain/support/time.js';
import type { Reporter } from './collect-diagnostics.js';
import type { RawCommand, RawRetries } from './schema/value-types.js';
import { quotedValues } from './shell-quotes.js';
import type { YamlPath } from './source/yaml-source.js';
import { parseTemplate, spell, type ValueKind, valuesOf } from './template.js';

/** What the builders of the file's sections share. */
export interface BuildContext {
  readonly report: Reporter;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly datasets: readonly string[];
  readonly stepNames: readonly string[];
  /** Without a model there is no champion and no version. */
  readonly hasModel: boolean;
  /** What a step uses that names no environment of its own. */
  readonly environment?: EnvironmentRef | undefined;
  /** Where steps run that do not say it themselves. */
  readonly executor?: ExecutorName | undefined;
}

/** The values that one place may use: the kinds, how many inputs, and which outputs and matrix keys. */
export interface Scope {
  readonly kinds: readonly ValueKind[];
  readonly inputs?: number;
  readonly outputs?: readonly (string | number)[];
  readonly matrix?: readonly string[];
}

export const EVERYWHERE: readonly ValueKind[] = ['param', 'dataset', 'now', 'trigger-since', 'run-id'];

/** Values that stand for what earlier versions of the pipeline's model were. */
const OF_MODELS: readonly ValueKind[] = ['champion-path', 'version-path', 'window-new'];

/** A duration that the schema has already accepted. */
export const duration = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseDuration(text);

export function buildRetries(raw: RawRetries | undefined): Retries {
  const backoff = raw?.backoff ?? 'constant';
  return {
    count: raw?.count ?? 0,
    // Doubling a delay of zero would have no effect.
    delayMs: duration(raw?.delay) ?? (backoff === 'exponential' ? SECOND_MS : 0),
    backoff,
    on: raw?.on ?? 'failure',
  };
}

/** Parses a command and checks every value in it. */
export function buildCommand(raw: RawCommand, path: YamlPath, scope: Scope, context: BuildContext): Command {
  if (typeof raw !== 'string')
    return { kind: 'argv', words: raw.map((word, i) => buildTemplate(String(word), [...path, i], scope, context)) };
  reportQuotedWord(raw, path, context.report);
  return { kind: 'shell', script: buildTemplate(raw, path, scope, context) };
}

/** Reports the first value of a script that stands inside quotes. */
export function reportQuotedWord(script: string, path: YamlPath, report: Reporter): void {
  const quoted = quotedValues(script);
  if (quoted.length === 0) return;
  const value = /\$\{\{[^}]*\}\}/.exec(script.slice(quoted[0]))?.[0] ?? '';
  report.at(path, {
    code: 'quoted-value',
    message: `${value} stands inside quotes: refit already quotes each value as one word`,
    suggestion: `remove the quotes: write ${value} bare, or join it outside them, as in --out=${value}`,
  });
}

export function buildTemplate(text: string, path: YamlPath, scope: Scope, context: BuildContext): Template {
  const { template, faults } = parseTemplate(text);
  for (const fault of faults)
    context.report.at(path, {
      code: 'unknown-value',
      message: `\${{ ${fault.expression} }} names nothing`,
      suggestion: suggestOne(fault.expression, knownValues(scope, context), 'values'),
    });
  for (const ref of valuesOf(template)) checkValue(ref, path, scope, context);
  return template;
}

function checkValue(ref: ValueRef, path: YamlPath, scope: Scope, context: BuildContext): void {
  const problem = valueProblem(ref, scope, context);
  if (problem === undefined) return;
  context.report.at(path, {
    code: 'unknown-value',
    message: `\${{ ${spell(ref)} }}: ${problem}`,
    suggestion: suggestOne(spell(ref), knownValues(scope, context), 'values'),
  });
}

function valueProblem(ref: ValueRef, scope: Scope, context: BuildContext): string | undefined {
  if (!scope.kinds.includes(ref.kind)) return 'cannot be used here';
  if (OF_MODELS.includes(ref.kind) && !context.hasModel) return 'the pipeline has no "model" section';
  if (ref.kind === 'window-new' && ref.name === undefined && context.datasets.length !== 1)
    return context.datasets.length === 0
      ? 'the pipeline has no dataset'
      : `there are several datasets: name one, as in window.new.${context.datasets[0]}`;
  if (ref.kind === 'window-new' && ref.name !== undefined && !context.datasets.includes(ref.name))
    return `there is no dataset "${ref.name}"`;
  if (ref.kind === 'param' && !(ref.name in context.params)) return `there is no param "${ref.name}"`;
  if (ref.kind === 'dataset' && !context.datasets.includes(ref.name)) return `there is no dataset "${ref.name}"`;
  if (ref.kind === 'matrix' && !scope.matrix?.includes(ref.name)) return `this step has no matrix key "${ref.name}"`;
  if (ref.kind === 'input' && ref.index >= (scope.inputs ?? 0)) return `there are ${scope.inputs ?? 0} inputs`;
  if (ref.kind === 'output' && !scope.outputs?.includes(ref.key)) return `there is no output "${ref.key}"`;
  return undefined;
}

function knownValues(scope: Scope, context: BuildContext): readonly string[] {
  const fixed = scope.kinds.flatMap((kind): readonly string[] => {
    if (kind === 'param') return Object.keys(context.params).map((name) => `params.${name}`);
    if (kind === 'dataset') return context.datasets.map((name) => `datasets.${name}`);
    if (kind === 'matrix') return (scope.matrix ?? []).map((name) => `matrix.${name}`);
    if (kind === 'output') return (scope.outputs ?? []).map((key) => spell({ kind: 'output', key }));
    if (kind === 'version-path') return context.hasModel ? [spell({ kind, version: 1 })] : [];
    if (OF_MODELS.includes(kind) && !context.hasModel) return [];
    if (kind === 'window-new')
      return context.datasets.length === 1 ? ['window.new'] : context.datasets.map((one) => `window.new.${one}`);
    if (kind === 'input') return scope.inputs === undefined || scope.inputs === 0 ? [] : ['inputs[0]'];
    return [spell({ kind })];
  });
  return fixed;
}
