import type { ModelName } from '../../../domain/ids.js';
import type { EvaluateSpec, GateRule, HookSpec, ModelSpec, PublishSpec } from '../../../domain/pipeline/pipeline.js';
import { DAY_MS } from '../../../domain/support/time.js';
import { type BuildContext, buildCommand, buildRetries, duration, EVERYWHERE } from '../context.js';
import { checkedOutput, checkedPath } from '../paths.js';
import type { RawModel } from '../schema.js';
import type { YamlPath } from '../source/yaml-source.js';
import { valuesOf } from '../template.js';
import { buildGate } from './gate.js';
import { buildInput } from './steps.js';

const DEFAULT_HOOK_TIMEOUT_MS = 60_000;
const DEFAULT_APPROVAL_MS = 7 * DAY_MS;

interface ModelContext extends BuildContext {
  /** Whether a step starts from the champion. */
  readonly canStartWarm: boolean;
}

export function buildModel(raw: RawModel | string, pipelineName: string, context: ModelContext): ModelSpec {
  const path: YamlPath = ['model'];
  const long: RawModel = typeof raw === 'string' ? { path: raw } : raw;
  const gate = buildGate(long.gate ?? [], context);
  if (long.evaluate === undefined) requireEvaluate(gate, context);
  if (!context.canStartWarm) refuseScratch(gate, context);
  if (long.approval_expires !== undefined && long.approval !== 'manual')
    context.report.atKey(path, 'approval_expires', {
      code: 'no-effect',
      message: '"approval_expires" has no effect',
      suggestion: 'it needs approval: manual',
    });
  return {
    name: (long.name ?? pipelineName) as ModelName,
    path: checkedPath(long.path, typeof raw === 'string' ? path : [...path, 'path'], context.report),
    evaluate: long.evaluate === undefined ? undefined : buildEvaluate(long.evaluate, context),
    gate,
    first: long.first ?? 'gate',
    approval: long.approval ?? 'automatic',
    approvalMs: duration(long.approval_expires) ?? DEFAULT_APPROVAL_MS,
    publish: long.publish === undefined ? undefined : buildPublish(long.publish, context),
    at: context.report.position(path),
  };
}

/**
 * Without `evaluate` only the metrics of the candidate's own run are known, so rules for a champion or slices need it.
 */
function requireEvaluate(gate: readonly GateRule[], context: BuildContext): void {
  for (const rule of gate) {
    if (rule.kind !== 'metric' || (rule.against.length === 0 && rule.slices === undefined)) continue;
    const needing = rule.against.length === 0 ? 'slices' : `the ${rule.against.join(', ')}`;
    context.report.atPosition(rule.at, {
      code: 'missing-key',
      message: `the check of "${rule.metric}" needs ${needing}, and the model has no "evaluate"`,
      suggestion: 'add evaluate: { run: "… ${{ model.path }} … ${{ evaluation.path }}", inputs: […] } to "model"',
    });
  }
}

/** Every candidate is trained from zero, so there is no other model to compare it with. */
function refuseScratch(gate: readonly GateRule[], { report }: BuildContext): void {
  for (const rule of gate)
    if (rule.kind === 'metric' && rule.against.includes('scratch'))
      report.atPosition(rule.at, {
        code: 'no-effect',
        message: `the check of "${rule.metric}" against scratch has no effect: every training starts from zero`,
        suggestion: 'it needs a step whose "run" uses ${{ champion.path }}',
      });
}

function buildEvaluate(raw: NonNullable<RawModel['evaluate']>, context: BuildContext): EvaluateSpec {
  const path: YamlPath = ['model', 'evaluate'];
  const inputs = (raw.inputs ?? []).map((text, i) => buildInput(text, [...path, 'inputs', i], { matrix: {}, context }));
  const scope = { kinds: [...EVERYWHERE, 'input', 'model-path', 'evaluation-path'] as const, inputs: inputs.length };
  const command = buildCommand(raw.run, [...path, 'run'], scope, context);
  const templates = command.kind === 'shell' ? [command.script] : command.words;
  const used = templates.flatMap(valuesOf).flatMap((ref) => (ref.kind === 'param' ? [ref.name] : []));
  const timeoutMs = duration(raw.timeout);
  return {
    command,
    inputs,
    params: [...new Set([...used, ...(raw.params ?? [])])].sort(),
    timeoutMs,
    at: context.report.position([...path, 'run']),
  };
}

function buildPublish(raw: NonNullable<RawModel['publish']>, context: BuildContext): PublishSpec {
  const path: YamlPath = ['model', 'publish'];
  return {
    path: checkedOutput(raw.path, [...path, 'path'], context.report),
    keep: raw.keep ?? 3,
    onFailure: raw.on_failure ?? 'roll-back',
    deploy: raw.deploy === undefined ? undefined : buildHook(raw.deploy, [...path, 'deploy'], context),
    verify: raw.verify === undefined ? undefined : buildHook(raw.verify, [...path, 'verify'], context),
  };
}

function buildHook(
  raw: NonNullable<NonNullable<RawModel['publish']>['deploy']>,
  path: YamlPath,
  context: BuildContext,
): HookSpec {
  return {
    command: buildCommand(
      raw.run,
      [...path, 'run'],
      { kinds: ['param', 'publish-path', 'model-path', 'run-id'] },
      context,
    ),
    timeoutMs: duration(raw.timeout) ?? DEFAULT_HOOK_TIMEOUT_MS,
    retries: buildRetries(raw.retries),
  };
}
