import type { Fingerprint, WorkspacePath } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { FingerprintParts } from '../domain/pipeline/plan.js';
import type { Services } from '../domain/ports/services.js';
import type { ArtifactUse } from '../domain/runs/artifact.js';
import type { Run, StepExecution } from '../domain/runs/run.js';
import type { MadeVersion, ProfiledUse, RunFacts, StepFacts } from '../domain/runs/run-facts.js';
import { parsePipeline } from '../pipeline/parse/parse-pipeline.js';

type Dependencies = Pick<Services, 'registry'>;

/** What the registry holds about a run; `undefined` while it is running. */
export function collectRunFacts({ registry }: Dependencies, run: Run): RunFacts | undefined {
  const { finishedAt } = run;
  if (finishedAt === undefined) return undefined;
  const { runs, models, decisions, findings } = registry;
  const decision = decisions.ofRun(run.id);
  const outcome = decision === undefined ? undefined : decisions.outcome(decision.id);
  const definition = runs.definition(run.definitionHash);
  const pipeline = definition === undefined ? undefined : pipelineOf(run, definition);
  const parts = runs.partsOf(run.id);
  return {
    run: { ...run, finishedAt },
    steps: runs
      .executions(run.id)
      .map((execution) => stepFacts({ registry }, execution, pipeline, parts.get(execution.step))),
    made: models.ofRun(run.id).map((version) => madeVersion({ registry }, version)),
    findings: [
      ...findings.of({ run: run.id }),
      ...(decision === undefined ? [] : findings.of({ decision: decision.id })),
    ],
    definition,
    description: pipeline?.description === undefined ? undefined : pipeline.description,
    owner: pipeline?.owner === undefined ? undefined : pipeline.owner,
    decision,
    outcome,
  };
}

/** The pipeline as its recorded text describes it; `undefined` if this version of refit cannot read that text. */
const pipelineOf = ({ file, profile }: Run, text: string): Pipeline | undefined =>
  parsePipeline(file as WorkspacePath, text, { profile, isElsewhere: true }).pipeline;

function stepFacts(
  { registry }: Dependencies,
  execution: StepExecution,
  pipeline: Pipeline | undefined,
  known: { readonly fingerprint: Fingerprint; readonly parts: FingerprintParts } | undefined,
): StepFacts {
  const { reads, writes } = registry.runs.uses(execution.id);
  const withProfile = (use: ArtifactUse): ProfiledUse => {
    const profile = registry.profiles.get(use.artifact.hash, 'table');
    return profile === undefined ? use : { ...use, profile };
  };
  const parts = known?.parts ?? {};
  const declared = pipeline?.steps.find((step) => step.name === execution.step)?.env ?? {};
  const env = named(parts, 'env:').filter(([name]) => declared[name]?.kind === 'literal');
  return {
    execution,
    params: Object.fromEntries(named(parts, 'param:')),
    env: Object.fromEntries(env),
    reads: reads.map(withProfile),
    writes: writes.map(withProfile),
    metrics: registry.runs.metrics(execution.id),
    command: parts.command,
    fingerprint: known === undefined ? undefined : known.fingerprint,
  };
}

const named = (parts: FingerprintParts, prefix: string): readonly (readonly [string, string])[] =>
  Object.entries(parts).flatMap(([name, value]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [],
  );

/** Use the first verdict: later ones belong to promotions, against other champions. */
function madeVersion({ registry: { models } }: Dependencies, version: ModelVersion): MadeVersion {
  const gate = models.gateVerdicts(version).at(-1);
  const evaluations = models.evaluations(version);
  const evaluation =
    gate?.candidateEvaluation === undefined
      ? evaluations.find((one) => one.run === version.run)
      : models.evaluation(gate.candidateEvaluation);
  return { version, gate, evaluation };
}
