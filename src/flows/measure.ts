import { commandKey } from '../decide/evaluate-condition.js';
import type { Measurements, NewData } from '../decide/measurements.js';
import type { DriftReport } from '../domain/drift.js';
import type { Failure } from '../domain/failure.js';
import type { ModelVersion } from '../domain/model.js';
import type { Command, Condition, Pipeline } from '../domain/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/result.js';
import type { Run } from '../domain/run.js';
import { resolveCommand } from '../execute/command.js';
import { withoutSecrets } from '../execute/environment.js';
import { runCommand } from '../execute/run-command.js';
import { commandText } from '../plan/fingerprint.js';
import { measurePerformances } from './measure-performances.js';
import { measureNewData } from './new-data.js';
import { readInputs } from './step-inputs.js';
import type { When } from './window.js';

/** Decisions whose trees are looked through for `for: 2 of 3`: ten minutes apart, they reach back ten weeks. */
const HISTORY = 10_000;

/** Newest runs among which the last training is looked for. */
const RUNS = 200;

/** Measures what the declared conditions ask for, and nothing else. */
export async function measure(
  services: Services,
  pipeline: Pipeline,
  when: When,
  known: { readonly champion: ModelVersion; readonly drift: DriftReport | string },
): Promise<Result<Measurements, Failure>> {
  const { runs, decisions } = services.registry;
  const leaves = pipeline.retrain === undefined ? [] : leavesOf(pipeline.retrain.when);
  const trainings = findTrainings(services, pipeline);
  const trained = trainings[0];
  const newData: Record<string, NewData | string> = {};
  for (const leaf of leaves) {
    const dataset = leaf.kind === 'new_data' ? pipeline.datasets.find((one) => one.name === leaf.dataset) : undefined;
    if (dataset === undefined) continue;
    const measured = await measureNewData(services, dataset, trainings, when);
    if (!measured.ok) return measured;
    newData[dataset.name] = measured.value;
  }
  const asksCode = leaves.some((leaf) => leaf.kind === 'code_change');
  const codeChanges = asksCode ? await measureCodeChanges(services, pipeline, known.champion) : ok([]);
  if (!codeChanges.ok) return codeChanges;
  const championRun = runs.get(known.champion.run);
  return ok({
    now: when.now,
    newData,
    drift: known.drift,
    performance: await measurePerformances(services, pipeline, when, leaves),
    codeChanges: codeChanges.value,
    commands: await runConditionCommands(services, pipeline, leaves),
    history: leaves.some((leaf) => leaf.persist !== undefined)
      ? decisions
          .list({ pipeline: pipeline.name, champion: known.champion.version, limit: HISTORY })
          .map((decision) => decision.because)
      : [],
    ...(trained === undefined ? {} : { lastTrainedAt: trained.now }),
    ...(championRun === undefined ? {} : { championTrainedAt: championRun.now }),
  });
}

type Leaf = Extract<Condition, { readonly at: unknown }>;

function leavesOf(condition: Condition): readonly Leaf[] {
  if ('at' in condition) return [condition];
  return condition.kind === 'not' ? leavesOf(condition.of) : condition.of.flatMap(leavesOf);
}

/**
 * Runs that made a model, newest first, their candidates refused or not: new data is an edge, so data that has already
 * been tried must not fire again. A run of some steps only, without a model, has tried nothing.
 */
const findTrainings = (services: Services, pipeline: Pipeline): readonly Run[] => {
  const { runs } = services.registry;
  const path = pipeline.model?.path;
  return runs
    .list({ pipeline: pipeline.name, status: 'succeeded', limit: RUNS })
    .filter((run) => !run.isTainted && path !== undefined && runs.artifactAt(run.id, path) !== undefined);
};

/** Code inputs (files that no step makes and no dataset holds) and commands that differ from the champion's run. */
async function measureCodeChanges(
  services: Services,
  pipeline: Pipeline,
  champion: ModelVersion,
): Promise<Result<readonly string[], Failure>> {
  const made = new Set(pipeline.steps.flatMap((step) => step.outputs.map((output) => output.path as string)));
  const before = services.registry.runs.partsOf(champion.run);
  const changed: string[] = [];
  for (const step of pipeline.steps) {
    const then = before.get(step.name)?.parts;
    if (then === undefined) {
      changed.push(`step ${step.name}`);
      continue;
    }
    if (then.command !== commandText(step.command)) changed.push(`command of ${step.name}`);
    const code = (step.inputs ?? []).filter(
      (input) => input.kind !== 'dataset' && !(input.kind === 'path' && made.has(input.path)),
    );
    const now = await readInputs(services, step.name, code, new Map());
    if (!now.ok) return now;
    for (const [key, hash] of Object.entries(now.value.parts))
      if (then[key] !== hash && !made.has(key.slice('input:'.length))) changed.push(key.slice('input:'.length));
  }
  return ok([...new Set(changed)]);
}

async function runConditionCommands(
  services: Services,
  pipeline: Pipeline,
  leaves: readonly Leaf[],
): Promise<Readonly<Record<string, number | string>>> {
  const results: Record<string, number | string> = {};
  for (const leaf of leaves)
    if (leaf.kind === 'command') results[commandKey(leaf.command)] = await ask(services, pipeline, leaf.command);
  return results;
}

async function ask(services: Services, pipeline: Pipeline, command: Command): Promise<number | string> {
  await services.files.makeFolder('.refit/logs/conditions');
  const { outcome } = await runCommand(services, {
    argv: resolveCommand(command, { params: pipeline.params }),
    env: { ...withoutSecrets(pipeline, services.surroundings.env()), REFIT_STEP: 'condition' },
    logPath: `.refit/logs/conditions/${pipeline.name}.log`,
    timeoutMs: 60_000,
  });
  return outcome.kind === 'exited' ? outcome.exitCode : outcome.kind;
}
