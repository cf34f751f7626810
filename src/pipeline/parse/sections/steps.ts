import type { StepName, WorkspacePath } from '../../../domain/ids.js';
import type { ExecutorName } from '../../../domain/pipeline/executor.js';
import type { EnvValue, InputRef, OutputRef, ParamValue, Step, Template } from '../../../domain/pipeline/pipeline.js';
import { isGlob } from '../../../domain/support/glob.js';
import { suggestOne } from '../../../domain/support/near-miss.js';
import { datasetIn } from '../../starts-from.js';
import {
  type BuildContext,
  buildCommand,
  buildRetries,
  buildTemplate,
  duration,
  EVERYWHERE,
  type Scope,
} from '../context.js';
import { fill, type PathScope } from '../fill.js';
import { notYet, refuseNotYet } from '../not-yet.js';
import { checkedGlob, checkedOutput, checkedPath } from '../paths.js';
import type { RawStep } from '../schema.js';
import type { YamlPath } from '../source/yaml-source.js';
import { valuesOf } from '../template.js';
import { buildEnvironment } from './environment.js';
import { buildExpectations } from './expectations.js';
import { buildResources } from './resources.js';

/** A step before the graph is known, with the places of its parts in the file. */
export interface StepDraft {
  readonly step: Omit<Step, 'dependsOn'>;
  readonly after: readonly string[];
  readonly path: YamlPath;
  readonly inputPaths: readonly YamlPath[];
  readonly outputPaths: readonly YamlPath[];
  /** The instances of its matrix write the same paths. Reported already. */
  readonly sharesOutputs: boolean;
}

/** All instances of a declared step: one, or one for each combination of its matrix values. */
export function buildSteps(name: string, raw: RawStep, context: BuildContext): readonly StepDraft[] {
  const path: YamlPath = ['steps', name];
  raw.secrets?.forEach((secret, i) => {
    if (typeof secret !== 'string' && secret.fingerprint === true)
      refuseNotYet(notYet.secretFingerprint, [...path, 'secrets', i], context);
  });
  for (const param of raw.params ?? [])
    if (!(param in context.params))
      context.report.at([...path, 'params', raw.params?.indexOf(param) ?? 0], {
        code: 'unknown-param',
        message: `there is no param "${param}"`,
        suggestion: suggestOne(param, Object.keys(context.params), 'params'),
      });
  const instances = isMatrixUsable(raw.matrix ?? {}, [...path, 'matrix'], context)
    ? combinations(raw.matrix ?? {})
    : [];
  const sharesOutputs = instances.length > 1 && !haveDistinctOutputs(raw, path, context);
  return instances.map((matrix) => ({ ...buildInstance(name, raw, matrix, context), sharesOutputs }));
}

const MOST_INSTANCES = 10_000;

/** Reports matrix values that cannot be part of a step's name, and so of the name of a log file. */
function isMatrixUsable(matrix: NonNullable<RawStep['matrix']>, path: YamlPath, context: BuildContext): boolean {
  for (const [key, values] of Object.entries(matrix))
    values.forEach((value, i) => {
      const text = String(value);
      if (values.findIndex((one) => String(one) === text) < i)
        context.report.at([...path, key, i], {
          code: 'duplicate-value',
          message: `"${text}" is twice in the matrix key "${key}"`,
          suggestion: 'remove one of them: instances are named by their values',
        });
      if (!/^[\p{L}\p{N}_.+:%~-]+$/u.test(text))
        context.report.at([...path, key, i], {
          code: 'wrong-name',
          message: `"${text}" cannot be part of a step's name`,
          suggestion: 'use letters, digits and _ . + : % ~ - only; put longer texts into params',
        });
    });
  const count = Object.values(matrix).reduce((product, values) => product * values.length, 1);
  if (count > MOST_INSTANCES)
    context.report.at(path, {
      code: 'wrong-value',
      message: `the matrix has ${count} combinations`,
      suggestion: `at most ${MOST_INSTANCES} steps can be made of one; loop over the rest inside the step`,
    });
  return count <= MOST_INSTANCES;
}

function combinations(matrix: NonNullable<RawStep['matrix']>): readonly Readonly<Record<string, ParamValue>>[] {
  return Object.entries(matrix).reduce<readonly Readonly<Record<string, ParamValue>>[]>(
    (sofar, [key, values]) => sofar.flatMap((one) => values.map((value) => ({ ...one, [key]: value }))),
    [{}],
  );
}

/** Whether the instances have distinct outputs, as far as the text shows. Reports it if not. */
function haveDistinctOutputs(raw: RawStep, path: YamlPath, context: BuildContext): boolean {
  let areDistinct = true;
  const keys = Object.keys(raw.matrix ?? {});
  const outputs = Array.isArray(raw.outputs) ? raw.outputs : Object.values(raw.outputs ?? {});
  for (const output of [...outputs, ...metricsOf(raw)]) {
    const missing = keys.filter((key) => !new RegExp(`\\$\\{\\{\\s*matrix\\.${key}\\s*\\}\\}`).test(output));
    if (missing.length === 0) continue;
    areDistinct = false;
    context.report.at(path, {
      code: 'two-writers',
      message: `every instance of the matrix would write "${output}"`,
      suggestion: `put ${missing.map((key) => `\${{ matrix.${key} }}`).join(' and ')} into the path`,
    });
  }
  return areDistinct;
}

const metricsOf = ({ metrics }: RawStep): readonly string[] =>
  metrics === undefined ? [] : Array.isArray(metrics) ? metrics : [metrics];

/** Keys are sorted, so that their order in the file does not change step names. */
const instanceName = (name: string, matrix: Readonly<Record<string, ParamValue>>): StepName => {
  const keys = Object.entries(matrix)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${String(value)}`);
  return (keys.length === 0 ? name : `${name}@${keys.join(',')}`) as StepName;
};

function buildInstance(
  name: string,
  raw: RawStep,
  matrix: Readonly<Record<string, ParamValue>>,
  context: BuildContext,
): Omit<StepDraft, 'sharesOutputs'> {
  const path: YamlPath = ['steps', name];
  const local: PathScope = { matrix, context };
  const inputs = raw.inputs?.map((one, i) =>
    typeof one === 'string'
      ? buildInput(one, [...path, 'inputs', i], local)
      : buildValues(one, [...path, 'inputs', i], local),
  );
  const outputs = buildOutputs(raw, path, local);
  const refs = outputs.map(({ ref }) => ref);
  const scope: Scope = {
    kinds: [...EVERYWHERE, 'input', 'output', 'matrix', 'champion-path', 'version-path', 'window-new'],
    inputs: inputs?.length ?? 0,
    outputs: [...outputs.keys(), ...outputs.flatMap(({ ref }) => (ref.name === undefined ? [] : [ref.name]))],
    matrix: Object.keys(matrix),
  };
  const command = buildCommand(raw.run, [...path, 'run'], scope, context);
  const templates: readonly Template[] = command.kind === 'shell' ? [command.script] : command.words;
  const used = templates.flatMap(valuesOf).flatMap((ref) => (ref.kind === 'param' ? [ref.name] : []));
  return {
    path,
    after: (raw.after ?? []).map((text, i) => fill(text, [...path, 'after', i], local)),
    inputPaths: (raw.inputs ?? []).map((_, i) => [...path, 'inputs', i]),
    outputPaths: outputs.map((output) => output.path),
    step: {
      name: instanceName(name, matrix),
      declaredName: name,
      matrix,
      command,
      outputs: refs,
      params: [...new Set([...used, ...(raw.params ?? [])])].sort(),
      env: buildEnv(raw, path, context),
      secrets: (raw.secrets ?? []).map((secret) =>
        typeof secret === 'string'
          ? { name: secret, isFingerprinted: false }
          : { name: secret.name, isFingerprinted: secret.fingerprint === true },
      ),
      retries: buildRetries(raw.retries),
      resources: buildResources(raw.resources ?? {}, [...path, 'resources'], context.report),
      executor: (raw.executor as ExecutorName | undefined) ?? context.executor ?? 'local',
      isCached: raw.cache ?? true,
      environment: environmentOf(raw, path, context),
      at: context.report.position([...path, 'run']),
      ...buildOptional(raw, path, {
        inputs: withUsedDatasets(inputs, templates, context.datasets),
        outputs: refs,
        local,
      }),
    },
  };
}

/** An image has its own programs: the environment of the pipeline does not reach into it. */
function environmentOf(raw: RawStep, path: YamlPath, context: BuildContext) {
  const own = buildEnvironment(raw, path, context);
  if (raw.image === undefined) return own ?? context.environment;
  if (own !== undefined)
    context.report.at([...path, 'image'], {
      code: 'wrong-value',
      message: 'a step with an image cannot use a Python environment of this machine',
      suggestion: 'remove "image", or remove "python" or "conda" and install the packages in the image',
    });
  return undefined;
}

/** Adds datasets that the command uses to the inputs, so that they are part of the fingerprint. */
function withUsedDatasets(
  inputs: readonly InputRef[] | undefined,
  templates: readonly Template[],
  datasets: readonly string[],
): readonly InputRef[] | undefined {
  const listed = new Set(inputs?.flatMap((input) => (input.kind === 'dataset' ? [input.name] : [])));
  const used = templates.flatMap(valuesOf).flatMap((ref) => datasetIn(ref, datasets));
  const added = [...new Set(used)].filter((name) => !listed.has(name));
  return inputs === undefined ? undefined : [...inputs, ...added.map((name): InputRef => ({ kind: 'dataset', name }))];
}

function buildOptional(
  raw: RawStep,
  path: YamlPath,
  {
    inputs,
    outputs,
    local,
  }: {
    readonly inputs: readonly InputRef[] | undefined;
    readonly outputs: readonly OutputRef[];
    readonly local: PathScope;
  },
) {
  const timeoutMs = duration(raw.timeout);
  return {
    role: raw.role,
    inputs,
    metricsPaths: metricsOf(raw).map((text, i) =>
      buildPath(text, Array.isArray(raw.metrics) ? [...path, 'metrics', i] : [...path, 'metrics'], local),
    ),
    timeoutMs,
    image: raw.image,
    checkpoint: raw.checkpoint === undefined ? undefined : buildOutput(raw.checkpoint, [...path, 'checkpoint'], local),
    expect: raw.expect === undefined ? undefined : buildExpectations(raw.expect, outputs, path, local),
  };
}

function buildEnv(raw: RawStep, path: YamlPath, context: BuildContext): Readonly<Record<string, EnvValue>> {
  const { gpus } = raw.resources ?? {};
  if (gpus !== undefined && gpus !== 0 && raw.env?.[GPUS] !== undefined)
    context.report.at([...path, 'env', GPUS], {
      code: 'wrong-value',
      message: `${GPUS} is set by refit, because the step asks for gpus`,
      suggestion: `take ${GPUS} out of "env", or gpus out of "resources"`,
    });
  return Object.fromEntries(
    Object.entries(raw.env ?? {}).map(([name, value]): [string, EnvValue] => [
      name,
      typeof value === 'object' ? { kind: 'from', name: value.from } : { kind: 'literal', value: String(value) },
    ]),
  );
}

const GPUS = 'CUDA_VISIBLE_DEVICES';

/** Paths may use params and matrix values, which are known before anything runs. */
function buildPath(text: string, path: YamlPath, scope: PathScope): WorkspacePath {
  return checkedPath(fill(text, path, scope), path, scope.context.report);
}

const buildOutput = (text: string, path: YamlPath, scope: PathScope): WorkspacePath =>
  checkedOutput(fill(text, path, scope), path, scope.context.report);

export function buildInput(text: string, path: YamlPath, scope: PathScope): InputRef {
  const dataset = /^\s*\$\{\{\s*datasets\.([\w.-]+)\s*\}\}\s*$/.exec(text)?.[1];
  if (dataset !== undefined) {
    buildTemplate(text, path, { kinds: ['dataset'] }, scope.context);
    return { kind: 'dataset', name: dataset };
  }
  const plain = fill(text, path, scope);
  const normal = checkedGlob(plain, path, scope.context.report);
  return isGlob(normal) ? { kind: 'glob', pattern: normal } : { kind: 'path', path: normal };
}

/** An input of which only some values count. */
function buildValues(
  { file, keys }: { readonly file: string; readonly keys: readonly string[] },
  path: YamlPath,
  scope: PathScope,
): InputRef {
  const { report } = scope.context;
  const named = buildPath(file, [...path, 'file'], scope);
  if (!/\.(ya?ml|json)$/i.test(named))
    report.at([...path, 'file'], {
      code: 'wrong-value',
      message: `single values of "${named}" cannot be read: it is neither YAML nor JSON`,
      suggestion: `list the whole file: "- ${named}"`,
    });
  return { kind: 'path', path: named, keys };
}

function buildOutputs(
  raw: RawStep,
  path: YamlPath,
  scope: PathScope,
): { readonly ref: OutputRef; readonly path: YamlPath }[] {
  if (raw.outputs === undefined) return [];
  if (Array.isArray(raw.outputs))
    return raw.outputs.map((text, i) => {
      const where = [...path, 'outputs', i];
      return { ref: { path: buildOutput(text, where, scope) }, path: where };
    });
  return Object.entries(raw.outputs).map(([name, text]) => {
    const where = [...path, 'outputs', name];
    return { ref: { name, path: buildOutput(text, where, scope) }, path: where };
  });
}
