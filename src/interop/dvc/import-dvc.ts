import { posix } from 'node:path';
import { stringify } from 'yaml';
import type { ImportedPipeline, ImportSource } from '../../domain/exchange/imported-pipeline.js';
import { isRecord } from '../../domain/support/json.js';
import { isAtOrBelow } from '../../domain/support/paths.js';
import { readSource } from '../../pipeline/parse/source/yaml-source.js';
import { type NotedDocument, readDocument } from './document.js';
import { inlineVars, instancesOf } from './instances.js';
import { type ImportedStep, pathOf, stepOf } from './steps.js';
import type { Values } from './template.js';

const TOP_KEYS = ['stages', 'vars'];

/** Converts a `dvc.yaml` to a refit pipeline with the same graph. Values are filled in; each instance of a loop is a step. */
export async function importDvc(source: ImportSource): Promise<ImportedPipeline> {
  const { file, text, name } = source;
  const document = readDocument(file, text);
  const top = isRecord(document.value) ? document.value : {};
  if (document.notes().length === 0 && !isRecord(top.stages))
    document.note([], { severity: 'error', code: 'missing-key', message: 'the file has no stages' });
  for (const key of Object.keys(top))
    if (!TOP_KEYS.includes(key))
      document.note([key], {
        severity: 'warning',
        code: 'no-equivalent',
        message: `"${key}" has no equivalent outside the stages`,
        ...(key === 'artifacts' ? modelHint(top.artifacts) : {}),
      });
  const base = posix.dirname(file);
  const values = await valuesOf(top.vars, base, source, document);
  const steps = Object.entries(isRecord(top.stages) ? top.stages : {}).flatMap(([stage, raw]) =>
    instancesOf(stage, raw, values, document).map((instance) => ({
      path: instance.path,
      step: stepOf(instance, base, document),
    })),
  );
  for (const [place, { path, step }] of steps.entries())
    if (steps.findIndex((one) => one.step.name === step.name) !== place)
      document.note(path, { severity: 'error', code: 'same-name', message: `two steps would be called ${step.name}` });
  const all = steps.map(({ step }) => step);
  if (all.length > 0 && all.every((step) => step.isFrozen))
    document.note(['stages'], {
      severity: 'error',
      code: 'frozen-stage',
      message: 'every stage is frozen: nothing would run',
    });
  const notes = document.notes();
  return {
    notes,
    steps: all.filter((step) => !step.isFrozen).map((step) => step.name),
    text: notes.some((one) => one.severity === 'error') ? undefined : pipelineText(name, all),
  };
}

/** Only suggests `model:`, because adding it would change what a run does. */
function modelHint(artifacts: unknown): { readonly suggestion?: string } {
  const entries = isRecord(artifacts) ? Object.values(artifacts).filter(isRecord) : [];
  const model = entries.find((one) => one.type === 'model')?.path;
  return typeof model === 'string' ? { suggestion: `write "model: ${model}", and every run registers a version` } : {};
}

/** Values from `params.yaml`, which DVC always reads, then from files and maps in `vars`. Later values override earlier ones. */
async function valuesOf(vars: unknown, base: string, { read }: ImportSource, document: NotedDocument): Promise<Values> {
  const inline = inlineVars(vars);
  const files: Record<string, unknown> = {};
  const named = Array.isArray(vars) ? vars.map((one: unknown, place) => [one, place] as const) : [];
  for (const [one, place] of [['params.yaml', undefined] as const, ...named]) {
    if (typeof one !== 'string') continue;
    const [path = '', keys] = one.split(':');
    const text = await read(posix.join(base, path));
    const value: unknown = text === undefined ? undefined : readSource(path, text).value;
    if (isRecord(value)) {
      const wanted = keys?.split(',');
      for (const [key, found] of Object.entries(value))
        if (wanted === undefined || wanted.includes(key)) files[key] = found;
    } else if (place !== undefined)
      document.note(['vars', place], {
        severity: 'error',
        code: 'file-unreadable',
        message: `there are no values in ${path}: the file is missing, or neither YAML nor JSON`,
      });
  }
  return { ...files, ...inline };
}

/** Steps that make the inputs of an always-run step. It declares no inputs, so it needs explicit dependencies. */
function makersOf(step: ImportedStep, all: readonly ImportedStep[]): readonly string[] {
  return all
    .filter(
      (other) =>
        other !== step &&
        !other.isFrozen &&
        writtenBy(other).some((path) =>
          step.inputs.map(pathOf).some((one) => isAtOrBelow(one, path) || isAtOrBelow(path, one)),
        ),
    )
    .map((other) => other.name);
}

const writtenBy = ({ outputs, metrics }: ImportedStep): readonly string[] => [...outputs, ...metrics];

function pipelineText(name: string, all: readonly ImportedStep[]): string {
  const steps = all.map((step) => {
    const after = step.isAlwaysRun ? makersOf(step, all) : [];
    const written = {
      run: step.run,
      ...(step.isAlwaysRun ? {} : { inputs: step.inputs }),
      outputs: step.outputs,
      metrics: step.metrics.length > 1 ? step.metrics : step.metrics[0],
      ...(after.length === 0 ? {} : { after }),
    };
    const words = step.description === undefined ? '' : step.description.trim().replaceAll(/^/gm, '  # ').concat('\n');
    const lines = stringify({ [step.name]: written }, { lineWidth: 0 });
    return step.isFrozen
      ? `${words}  # Frozen: its outputs are taken as they are. To run it again, remove the # from these lines.\n${lines.replaceAll(/^(?=.)/gm, '  # ')}`
      : words + lines.replaceAll(/^(?=.)/gm, '  ');
  });
  return `${stringify({ pipeline: name })}steps:\n${steps.join('')}`;
}
