import type { HeldBecause, HeldMove } from '../domain/models/held-move.js';
import type { AliasMove, GateVerdict, ModelVersion } from '../domain/models/model.js';
import type { ModelSpec, Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { baseName } from '../domain/support/paths.js';
import { isHashOfGate } from '../gate/gate-hash.js';
import { CHAMPION } from '../models/champion.js';
import { rollbackObstacle } from '../models/rollback-obstacle.js';
import { checkPipeline, listPipelineFiles } from '../pipeline/load-pipeline.js';

type Dependencies = Pick<Services, 'registry' | 'files' | 'memo' | 'datasets' | 'clock'>;

/**
 * Decides which moves of other machines are in force here: those to the output of a recorded run that passed the gate of the
 * pipeline in this workspace, with an approval where it asks for one. The others stay history. They are judged again by every
 * pull, because what they lacked may have arrived. Returns those that are held and would be newer than what serves.
 */
export async function judgePulled(services: Dependencies): Promise<readonly HeldMove[]> {
  const { models } = services.registry;
  if (models.heldMoves().length === 0) return [];
  const pipelines = await declaredPipelines(services);
  for (const { move } of models.heldMoves()) {
    if (move.alias === CHAMPION && !isNewer(services, move)) continue;
    const because = move.alias === CHAMPION ? reasonToHold(services, move, pipelines.get(move.model)) : undefined;
    models.settleHeld(move, because, services.clock.now());
  }
  return newerHeld(services);
}

/** Held moves that are newer than what serves. Older ones are history like any other. */
export const newerHeld = (services: Pick<Services, 'registry'>): readonly HeldMove[] =>
  services.registry.models.heldMoves().filter(({ move }) => isNewer(services, move));

const isNewer = ({ registry }: Pick<Services, 'registry'>, move: AliasMove): boolean =>
  move.generation > (registry.models.alias(move.model, move.alias)?.generation ?? 0);

/** The pipeline here that makes each model. Data files need not be here: the checks of a file that it names are not asked. */
export async function declaredPipelines(
  services: Pick<Services, 'files' | 'memo' | 'datasets'>,
): Promise<ReadonlyMap<string, Pipeline | 'invalid'>> {
  const found = new Map<string, Pipeline | 'invalid'>();
  for (const file of await listPipelineFiles(services)) {
    const checked = await checkPipeline(services, file);
    const pipeline = checked.ok ? checked.value.pipeline : undefined;
    if (pipeline === undefined) found.set(nameOfFile(file), 'invalid');
    else if (pipeline.model !== undefined) found.set(pipeline.model.name, pipeline);
  }
  return found;
}

const nameOfFile = (file: string): string => baseName(file).replace(/\.ya?ml$/, '');

function reasonToHold(
  services: Dependencies,
  move: AliasMove,
  pipeline: Pipeline | 'invalid' | undefined,
): HeldBecause | undefined {
  if (pipeline === 'invalid') return 'pipeline-invalid';
  if (pipeline?.model === undefined) return 'no-pipeline';
  const version = services.registry.models.get({ model: move.model, version: move.to });
  if (version === undefined || version.hash !== move.toHash || !isOutput(services, version)) return 'no-run-made-it';
  if (move.kind === 'rollback') return faultOfRollback(services, version, pipeline.model);
  return (
    (move.isForced ? undefined : faultOfVerdict(services, pipeline.model, pipeline, { move, version })) ??
    (pipeline.model.approval === 'manual' ? faultOfApproval(services, pipeline.model, move, version) : undefined)
  );
}

/** Whether a step of the recorded run wrote exactly these bytes there. */
function isOutput({ registry: { runs } }: Dependencies, { run, path, hash }: ModelVersion): boolean {
  return runs
    .executions(run)
    .filter(({ status }) => status === 'succeeded' || status === 'restored' || status === 'skipped')
    .some(({ id }) => runs.uses(id).writes.some((use) => use.path === path && use.artifact.hash === hash));
}

function faultOfRollback(
  services: Dependencies,
  version: ModelVersion,
  { approval }: ModelSpec,
): HeldBecause | undefined {
  if (!hasServed(services, version)) return 'never-served';
  const isRefused = ['rejected', 'not-approved'].includes(rollbackObstacle(services, version, approval) ?? '');
  return isRefused ? 'no-approval' : undefined;
}

const hasServed = ({ registry: { models } }: Dependencies, { model, version, hash }: ModelVersion): boolean =>
  models.moves(model).some((move) => move.alias === CHAMPION && move.to === version && move.toHash === hash);

function faultOfVerdict(
  services: Dependencies,
  model: ModelSpec,
  pipeline: Pipeline,
  { move, version }: { readonly move: AliasMove; readonly version: ModelVersion },
): HeldBecause | undefined {
  if (model.gate.length === 0 && model.first === 'gate') return undefined;
  const { models, runs } = services.registry;
  const named = move.gate === undefined ? undefined : models.gateVerdict(move.gate);
  const verdicts = [...(named === undefined ? [] : [named]), ...models.gateVerdicts(version)].filter(isOf(version));
  if (verdicts.length === 0) return 'no-verdict';
  const params = [
    pipeline.params,
    ...(runs.get(version.run) === undefined ? [] : [runs.get(version.run)?.params ?? {}]),
  ];
  const versions = models.versions(version.model);
  const ours = verdicts.find((one) => isHashOfGate(one.gateHash, model, params, versions));
  if (ours === undefined) return 'other-gate';
  return ours.verdict === 'pass' ? undefined : 'gate-refused';
}

const isOf =
  (version: ModelVersion) =>
  (verdict: GateVerdict): boolean =>
    verdict.candidate.model === version.model &&
    verdict.candidate.version === version.version &&
    verdict.candidateHash === version.hash;

function faultOfApproval(
  { registry: { models } }: Dependencies,
  { approvalMs = 0 }: ModelSpec,
  move: AliasMove,
  version: ModelVersion,
): HeldBecause | undefined {
  const approval = models.approvals(version).find((one) => one.id === move.approval);
  if (approval === undefined || approval.answer !== 'approved' || approval.hash !== version.hash) return 'no-approval';
  const isUsed = models.moves(move.model).some((one) => one.approval === approval.id);
  if (isUsed) return 'approval-used';
  // An approval without an end lasts as long as one that is given here.
  const until = Math.min(approval.expiresAt ?? Number.POSITIVE_INFINITY, approval.now + approvalMs);
  return move.now < until ? undefined : 'approval-expired';
}
