import type { Failure } from '../domain/failure.js';
import type { ContentHash, DecisionId, ModelName, RunId, WorkspacePath } from '../domain/ids.js';
import type { ModelVersion } from '../domain/model.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';
import type { Run } from '../domain/run.js';
import type { View } from '../domain/view.js';
import { decisionView, fileView, type Story, type StoryStep, whyView } from '../report/why-view.js';
import { CHAMPION } from './reference.js';

type Need = Pick<Services, 'registry' | 'files' | 'artifacts'>;

/** Everything that made a model version, a run, a decision or a file: one screen. */
export async function why(services: Need, subject: string): Promise<Result<View, Failure>> {
  const version = findVersion(services, subject);
  if (version !== undefined) return ok(whyView(storyOfVersion(services, version)));
  const decision = services.registry.decisions.get(subject as DecisionId);
  if (decision !== undefined) {
    const { decisions, findings } = services.registry;
    return ok(decisionView(decision, decisions.outcome(decision.id), findings.of({ decision: decision.id })));
  }
  const runs = services.registry.runs.find(subject);
  if (runs.length === 1 && runs[0] !== undefined) return ok(whyView(storyOfRun(services, runs[0])));
  if (runs.length > 1)
    return err({
      code: 'not-found',
      what: 'one run',
      name: subject,
      available: runs.slice(0, 5).map((run) => run.id),
      next: 'give more of its id',
    });
  return whyFile(services, subject);
}

/** `model`, `model@3`, `model@champion`. */
export function findVersion(services: Pick<Services, 'registry'>, subject: string): ModelVersion | undefined {
  const [name = '', which] = subject.split('@');
  const { models } = services.registry;
  const model = models.names().find((one) => one === name);
  if (model === undefined) return undefined;
  if (which === undefined) {
    const champion = models.alias(model, CHAMPION);
    return champion === undefined ? models.versions(model).at(-1) : models.get({ model, version: champion.to });
  }
  const aliased = models.alias(model, which)?.to;
  const version = /^\d+$/.test(which) ? Number(which) : aliased;
  return version === undefined ? undefined : models.get({ model, version });
}

function storyOfVersion(services: Need, version: ModelVersion): Story {
  const { runs, models } = services.registry;
  const run = runs.get(version.run);
  if (run === undefined) throw new Error(`internal error: run ${version.run} of a version is not in the registry`);
  const gate = models.gateVerdicts(version)[0];
  const own = gate?.candidateEvaluation === undefined ? undefined : models.evaluation(gate.candidateEvaluation);
  const evaluation = own ?? models.evaluations(version).at(-1);
  const rival = gate?.championEvaluation === undefined ? undefined : models.evaluation(gate.championEvaluation);
  const moves = models.moves(version.model);
  return {
    ...storyOfRun(services, run),
    version,
    isChampion: models.alias(version.model, CHAMPION)?.to === version.version,
    moves: moves.filter((move) => move.to === version.version || move.from === version.version),
    ...(gate === undefined ? {} : { gate }),
    ...(evaluation === undefined ? {} : { evaluation }),
    ...(rival === undefined ? {} : { rival }),
  };
}

function storyOfRun(services: Need, run: Run): Story {
  const { decisions, findings } = services.registry;
  const decision = decisions.ofRun(run.id);
  const outcome = decision === undefined ? undefined : decisions.outcome(decision.id);
  return {
    run,
    steps: stepsOf(services, run.id),
    isChampion: false,
    findings: decision === undefined ? [] : findings.of({ decision: decision.id }),
    moves: [],
    ...(decision === undefined ? {} : { decision }),
    ...(outcome === undefined ? {} : { outcome }),
  };
}

function stepsOf(services: Need, run: RunId): readonly StoryStep[] {
  const { runs } = services.registry;
  return runs.executions(run).map((execution) => {
    const { reads, writes } = runs.uses(execution.id);
    const maker =
      writes[0] === undefined
        ? undefined
        : runs
            .usesOf(writes[0].artifact.hash)
            .filter((use) => use.direction === 'wrote')
            .at(-1);
    return { execution, reads, writes, metrics: runs.metrics(execution.id), madeIn: maker?.run ?? run };
  });
}

/** A model by its bytes wherever it was copied to; else what read and wrote the file. */
async function whyFile(services: Need, subject: string): Promise<Result<View, Failure>> {
  const path = subject as WorkspacePath;
  const hash = await hashAnywhere(services, path);
  if (hash === undefined) return err(nothingFound(services, subject));
  const version = services.registry.models.withHash(hash).at(-1) ?? (await versionOfFolder(services, path));
  if (version !== undefined) return ok(whyView(storyOfVersion(services, version)));
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

async function hashAnywhere(services: Need, path: WorkspacePath): Promise<ContentHash | undefined> {
  const { root } = services.files;
  const inside = path.startsWith(`${root}/`) ? (path.slice(root.length + 1) as WorkspacePath) : path;
  return (await services.artifacts.hash([inside])).get(inside)?.hash;
}

/** A published folder says itself which version it is. */
async function versionOfFolder(services: Need, path: WorkspacePath): Promise<ModelVersion | undefined> {
  const manifest = await services.files.readText(`${path.replace(/\/+$/, '')}/refit.json`).catch(() => undefined);
  if (manifest === undefined || !manifest.ok) return undefined;
  const said: { readonly model?: string; readonly version?: number } = JSON.parse(manifest.value);
  return said.model === undefined || said.version === undefined
    ? undefined
    : services.registry.models.get({ model: said.model as ModelName, version: said.version });
}

const nothingFound = (services: Need, subject: string): Failure => ({
  code: 'not-found',
  what: 'model, run, decision or file',
  name: subject,
  available: services.registry.models.names(),
  next: 'see "refit models", "refit runs" and "refit status"',
});
