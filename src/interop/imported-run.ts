import { createHash } from 'node:crypto';
import type { ContentHash, PipelineName, RunId, StepName } from '../domain/ids.js';
import type { Registry } from '../domain/ports/registry.js';
import type { KeptRun, KeptVersion } from '../domain/ports/run-history.js';
import type { ArtifactUse } from '../domain/runs/artifact.js';
import type { NewRun, RunStatus } from '../domain/runs/run.js';
import { type Instant, toIso } from '../domain/support/time.js';

/** Name of the single step of an imported run. */
const IMPORTED_STEP = 'imported' as StepName;

const ID_DIGITS = 12;

const sha256 = (text: string): ContentHash => createHash('sha256').update(text).digest('hex') as ContentHash;

/** A stable run id, the same in every import on every machine. It sorts by start time among the other runs. */
export const importedRunId = (id: string, startedAt: Instant): RunId => {
  const iso = toIso(startedAt);
  const digits = /^[0-9a-f]{12}/.exec(id)?.[0] ?? sha256(id).slice(0, ID_DIGITS);
  return `${iso.slice(0, 10).replaceAll('-', '')}-${iso.slice(11, 19).replaceAll(':', '')}-${digits}` as RunId;
};

export interface ImportedRun {
  readonly id: RunId;
  readonly kept: KeptRun;
  readonly status: RunStatus;
  readonly finishedAt: Instant;
  readonly writes: readonly ArtifactUse[];
  /** Addresses of artifacts that could not be read. */
  readonly missing: readonly string[];
}

/** Records an imported run. Must be called in a transaction. */
export function recordImported({ runs }: Pick<Registry, 'runs'>, run: ImportedRun): void {
  const { id, kept, status, finishedAt, writes } = run;
  runs.start(newRun(run));
  const execution = runs.startExecution({
    run: id,
    step: IMPORTED_STEP,
    role: 'train',
    reasons: [],
    startedAt: kept.startedAt,
  });
  runs.finishExecution(execution, { status, finishedAt, reads: [], writes, metrics: kept.points });
  runs.finish(id, { status, isTainted: false, finishedAt });
}

function newRun({ id, kept, missing }: ImportedRun): NewRun {
  const text = definitionOf(kept.pipeline, kept.origin.experiment);
  const { commit, branch } = kept;
  return {
    id,
    pipeline: kept.pipeline as PipelineName,
    // The default path of a pipeline with this name.
    file: `pipelines/${kept.pipeline}.yaml`,
    definition: { hash: sha256(text), text },
    trigger: { kind: 'imported', detail: `run ${kept.origin.id} of ${kept.origin.system}` },
    params: kept.params,
    now: kept.startedAt,
    isNowGiven: false,
    startedAt: kept.startedAt,
    // MLflow does not record uncommitted changes.
    code: {
      isDirty: false,
      untracked: [],
      commit,
      branch,
    },
    actor: kept.actor,
    environment: {
      host: kept.origin.system,
      platform: 'unknown',
      tools: {},
      origin: { ...kept.origin, missing },
    },
    process: { pid: 0, startTime: '', bootId: '' },
  };
}

/** A valid pipeline text for the run. The original commands are unknown, so its command only prints that. */
const definitionOf = (
  pipeline: string,
  experiment: string,
): string => `# imported: experiment ${JSON.stringify(experiment)}
pipeline: ${JSON.stringify(pipeline)}
description: Imported; the original commands are unknown.
steps:
  ${IMPORTED_STEP}:
    role: train
    run: echo "this run was imported, its original commands are unknown" >&2; exit 1
`;

/** A placeholder run for a version whose own run was deleted. */
export const placeholderOf = (version: KeptVersion): KeptRun => ({
  origin: {
    system: 'mlflow',
    id: version.run ?? `${version.model}/${version.version}`,
    experiment: '',
    status: 'unknown',
    tags: {},
    datasets: [],
    metrics: {},
  },
  pipeline: version.model,
  actor: version.actor,
  end: { status: 'succeeded', at: version.registeredAt },
  startedAt: version.registeredAt,
  params: {},
  points: [],
  hasArtifacts: false,
});
