import { excludedIn } from '../data/datasets/exclusions.js';
import type { Finding } from '../domain/data/finding.js';
import type { DecisionOutcome, RetrainDecision } from '../domain/decisions/decision.js';
import type { Failure } from '../domain/failure.js';
import type { ContentHash, DecisionId, ModelName, RunId, WorkspacePath } from '../domain/ids.js';
import type { AliasMove, ModelVersion, PublishedManifest } from '../domain/models/model.js';
import type { Files } from '../domain/ports/platform.js';
import type { Services } from '../domain/ports/services.js';
import type { Run } from '../domain/runs/run.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { Instant } from '../domain/support/time.js';
import type { View } from '../domain/view.js';
import { CHAMPION } from '../models/champion.js';
import { findVersion } from '../models/find-version.js';
import { episodesBetween } from '../performance/episode-facts.js';
import { type Compared, decisionView } from '../retrain/views/decision-view.js';
import { runsNamed } from '../run/find-run.js';
import { holdsVersion } from '../serving/publish/place-version.js';
import { usedSnapshots } from './used-snapshots.js';
import { versionLineageOf } from './version-lineage.js';
import { fileView } from './views/file-view.js';
import { type Story, type StoryStep, whyView } from './views/why-view.js';

type Dependencies = Pick<Services, 'registry' | 'files' | 'artifacts' | 'git'>;

/** A file or folder that the user named, relative to the current directory. */
export interface Place {
  /** Relative to the workspace root; begins with `..` if it lies outside. */
  readonly path: string;
  readonly isFolder: boolean;
  /** The folder itself, or the parent folder of the file. */
  readonly folder: Pick<Files, 'readText'>;
}

export interface WhyQuestion {
  /** Name every file, however many there are. */
  readonly isEveryFile?: boolean;
  /** The time of the ledger that is asked about. Without one, now. */
  readonly until?: Instant;
}

/**
 * Explains on one screen how a model version, a run, a decision or a file was made. Fails with `not-found` if the subject
 * matches none or several, and with `integrity` if a published folder was changed.
 */
export async function why(
  services: Dependencies,
  subject: string,
  place: Place,
  asked: WhyQuestion = {},
): Promise<Result<View, Failure>> {
  const version = findVersion(services, subject, asked.until);
  if (version !== undefined) return ok(whyView(await storyOfVersion(services, version, asked.until), asked));
  const decision = services.registry.decisions.get(subject as DecisionId);
  if (decision !== undefined) {
    const { decisions, findings, schemas } = services.registry;
    const evidence = {
      findings: findings.of({ decision: decision.id }),
      schemas: schemas.ofDecision(decision.id),
      compared: comparedWith(services, decision, decisions.outcome(decision.id)),
    };
    return ok(decisionView(decision, decisions.outcome(decision.id), evidence));
  }
  const runs = runsNamed(services, subject);
  if (runs.length === 1 && runs[0] !== undefined) return ok(whyView(storyOfRun(services, runs[0]), asked));
  if (runs.length > 1)
    return err({
      code: 'not-found',
      what: 'one run',
      name: subject,
      available: runs.slice(0, 5).map((run) => run.id),
      next: 'give more of its id',
    });
  return whyFile(services, subject, place, asked);
}

/** So many newest runs are looked at: a decision that is asked about is seldom older. */
const RUNS_BACK = 10_000;

/** The training from zero that a decision's candidate was to be compared with: it ran between the two, under the pipeline's lock. */
function comparedWith(
  { registry: { runs, models } }: Pick<Services, 'registry'>,
  { pipeline, decidedAt }: RetrainDecision,
  outcome: DecisionOutcome | undefined,
): Compared | undefined {
  const own = outcome?.run === undefined ? undefined : runs.get(outcome.run);
  if (own === undefined) return undefined;
  const run = runs
    .list({ pipeline, limit: RUNS_BACK })
    .find((one) => one.id !== own.id && one.startedAt >= decidedAt && one.startedAt < own.startedAt);
  return run === undefined ? undefined : { run, version: models.ofRun(run.id)[0]?.version };
}

/** With `until`, what was known of the version at that time of the ledger. */
export async function storyOfVersion(services: Dependencies, version: ModelVersion, until?: Instant): Promise<Story> {
  const { runs, models } = services.registry;
  const run = runs.get(version.run);
  if (run === undefined) throw new Error(`internal error: run ${version.run} of a version is not in the registry`);
  const gate = models.gateVerdicts(version)[0];
  const own = gate?.candidateEvaluation === undefined ? undefined : models.evaluation(gate.candidateEvaluation);
  const evaluation = own ?? models.evaluations(version).at(-1);
  const rival = gate?.championEvaluation === undefined ? undefined : models.evaluation(gate.championEvaluation);
  const moves = models.moves(version.model).filter((move) => until === undefined || move.now <= until);
  return {
    ...storyOfRun(services, run, moves.find((move) => move.to === version.version && move.decision)?.decision),
    version,
    episodes: episodesOfVersion(services, run, moves, version),
    lineage: await versionLineageOf(services, { run, version, moves }),
    isChampion: moves.findLast((move) => move.alias === CHAMPION)?.to === version.version,
    moves: moves.filter((move) => move.to === version.version || move.from === version.version),
    approvals: models.approvals(version).filter((one) => until === undefined || one.now <= until),
    notes: models.notes(version.model).filter((note) => (note.version ?? version.version) === version.version),
    ...(gate === undefined ? {} : { gate }),
    ...(evaluation === undefined ? {} : { evaluation }),
    ...(rival === undefined ? {} : { rival }),
  };
}

/** Falls that were open when the version was trained or while it served. */
function episodesOfVersion(
  services: Dependencies,
  run: Run,
  moves: readonly AliasMove[],
  version: ModelVersion,
): Story['episodes'] {
  const own = moves.filter((move) => move.alias === CHAMPION);
  const first = own.find((move) => move.to === version.version);
  const left = own.findLast((move) => move.from === version.version && move.to !== version.version);
  const serves = own.at(-1)?.to === version.version;
  const until = serves ? undefined : (left?.now ?? first?.now ?? run.now);
  return episodesBetween(services, run.pipeline, { from: run.now, until });
}

/** A retraining that was killed may have trained what the next one published: then it is the decision of the next one. */
function madeBy({ registry }: Dependencies, run: Run, published?: DecisionId): RetrainDecision | undefined {
  const { decisions } = registry;
  const own = decisions.ofRun(run.id);
  const wasKilled = own === undefined ? run.trigger.kind !== 'manual' : decisions.outcome(own.id)?.outcome === 'failed';
  return (wasKilled && published !== undefined ? decisions.get(published) : undefined) ?? own;
}

function storyOfRun(services: Dependencies, run: Run, published?: DecisionId): Story {
  const { decisions, findings, schemas } = services.registry;
  const decision = madeBy(services, run, published);
  const outcome = decision === undefined ? undefined : decisions.outcome(decision.id);
  const steps = stepsOf(services, run.id);
  const keptOut = excludedIn([...services.registry.runs.partsOf(run.id).values()].map(({ parts }) => parts));
  return {
    run,
    steps,
    snapshots: usedSnapshots(
      services,
      run,
      steps.flatMap((step) => step.reads),
    ),
    isChampion: false,
    keptOut,
    findings: decision === undefined ? openThen(services, run, keptOut) : findings.of({ decision: decision.id }),
    schemas: decision === undefined ? schemas.inferred(run.id) : schemas.ofDecision(decision.id),
    events: services.registry.events.list(run.pipeline).filter((event) => event.recordedAt <= run.startedAt),
    episodes: episodesBetween(services, run.pipeline, { from: run.now, until: run.now }),
    moves: [],
    decision,
    outcome,
  };
}

/**
 * Findings for which `retrain` would have held when a person started the run. Those whose rows are kept out of what it read are
 * none.
 */
function openThen({ registry: { findings } }: Dependencies, run: Run, keptOut: Story['keptOut']): readonly Finding[] {
  const bugs = new Set(
    findings.answers(run.pipeline).flatMap((one) => (one.answer === 'bug' ? [one.finding.id as string] : [])),
  );
  return findings
    .open(run.pipeline, run.startedAt)
    .filter((one) => one.severity === 'error' || one.severity === 'unclear')
    .filter((one) => !(bugs.has(one.id) && keptOut.some(({ dataset }) => dataset === one.dataset)));
}

function stepsOf(services: Dependencies, run: RunId): readonly StoryStep[] {
  const { runs } = services.registry;
  return runs.executions(run).map((execution) => {
    const { reads, writes } = runs.uses(execution.id);
    return {
      execution,
      reads,
      writes,
      metrics: runs.metrics(execution.id),
      madeIn: runs.originOf(execution.id) ?? run,
    };
  });
}

/** Recognises a model by its bytes, even as a copy outside the workspace; otherwise lists what read or wrote the file. */
async function whyFile(
  services: Dependencies,
  subject: string,
  place: Place,
  asked: WhyQuestion,
): Promise<Result<View, Failure>> {
  const hash = await hashAt(services, place.path);
  if (hash === undefined) return err(nothingFound(services, subject));
  const manifest = await readManifest(place);
  const versions = services.registry.models.withHash(hash);
  const version =
    versions.find((one) => one.model === manifest?.model && one.version === manifest.version) ??
    versions.find((one) => services.registry.models.alias(one.model, CHAMPION)?.to === one.version) ??
    versions.at(-1);
  if (version !== undefined) return ok(whyView(await storyOfVersion(services, version, asked.until), asked));
  if (manifest !== undefined && place.isFolder)
    return whyPublished(services, subject, { manifest, path: place.path, asked });
  const uses = services.registry.runs.usesOf(hash);
  if (uses.length > 0) return ok(fileView(subject, hash, uses));
  return err({
    code: 'not-found',
    what: 'record of the content of',
    name: subject,
    available: [],
    next: 'no run of this workspace read or wrote these bytes',
  });
}

async function hashAt({ artifacts }: Dependencies, path: string): Promise<ContentHash | undefined> {
  return (await artifacts.hash([path as WorkspacePath])).get(path as WorkspacePath)?.hash;
}

/** The `refit.json` in the folder or beside the file; undefined if there is none or it is not a JSON object. */
async function readManifest({ folder }: Place): Promise<Partial<PublishedManifest> | undefined> {
  const text = await folder.readText('refit.json');
  if (!text.ok) return undefined;
  try {
    const manifest: unknown = JSON.parse(text.value);
    return typeof manifest === 'object' && manifest !== null ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** A published folder names its version in `refit.json`. Trust it only if the content is that of the version. */
async function whyPublished(
  services: Dependencies,
  subject: string,
  {
    manifest,
    path,
    asked,
  }: { readonly manifest: Partial<PublishedManifest>; readonly path: string; readonly asked: WhyQuestion },
): Promise<Result<View, Failure>> {
  const version =
    manifest.model === undefined || manifest.version === undefined
      ? undefined
      : services.registry.models.get({ model: manifest.model as ModelName, version: manifest.version });
  const name = `${manifest.model}@${manifest.version}`;
  if (version === undefined || version.hash !== manifest.hash)
    return err({
      code: 'not-found',
      what: 'version',
      name,
      available: [],
      next: `refit.json in "${subject}" names this version, but the registry of this workspace has none with these bytes`,
    });
  if (await holdsVersion(services, version, path))
    return ok(whyView(await storyOfVersion(services, version, asked.until), asked));
  return err({
    code: 'integrity',
    what: `"${subject}", whose refit.json names ${name}`,
    expected: version.hash,
    found: 'other content',
    next: 'the files were changed: publish the version again, or copy it again',
  });
}

const nothingFound = (services: Dependencies, subject: string): Failure => ({
  code: 'not-found',
  what: 'model, run, decision or file',
  name: subject,
  available: services.registry.models.names(),
  next: 'see "refit models", "refit runs" and "refit status"',
});
