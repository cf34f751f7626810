import type { ContentHash, ExecutionId, RunId, WorkspacePath } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { ExecutionUse } from '../domain/ports/records/run-records.js';
import type { Services } from '../domain/ports/services.js';
import type { ArtifactUse } from '../domain/runs/artifact.js';
import type { LineageGraph } from '../domain/runs/lineage.js';
import { isParentPlace, parentVersion, startedFrom } from '../models/parents.js';
import { artifactId, artifactNode, createGraph, type GraphBuilder, modelNode, stepNode } from './lineage-graph.js';

/** A walk through the links between steps, artifacts and models. `waiting` holds the visits that are still to be made. */
export interface Walk {
  readonly registry: Services['registry'];
  readonly runs: Services['registry']['runs'];
  readonly models: Services['registry']['models'];
  readonly direction: LineageGraph['direction'];
  readonly limit: number;
  readonly graph: GraphBuilder;
  readonly waiting: (() => void)[];
}

type Place = Pick<ModelVersion, 'hash' | 'path'>;

export const createWalk = (
  registry: Services['registry'],
  { direction, limit }: Pick<Walk, 'direction' | 'limit'>,
): Walk => ({
  registry,
  runs: registry.runs,
  models: registry.models,
  direction,
  limit,
  graph: createGraph(limit),
  waiting: [],
});

/** Starts at a model version. Upwards it follows the version's own run, even if other runs made the same bytes. */
export function startAtVersion(walk: Walk, version: ModelVersion): void {
  const { graph, waiting } = walk;
  const node = modelNode(version);
  graph.add(node);
  if (walk.direction === 'down') {
    waiting.push(() => visitReaders(walk, version, node.id));
    return;
  }
  const { path, hash, kind, size } = version;
  const artifact = artifactNode({ path, artifact: { hash, kind, size } });
  graph.add(artifact);
  graph.link(artifact.id, node.id);
  waiting.push(() => linkMaker(walk, makerIn(walk, version.run, hash), artifact.id));
}

/** Starts at every step of a run. A skipped step stands for the execution whose result it took over. */
export function startAtRun(walk: Walk, run: RunId): void {
  for (const { id, step, source, status } of walk.runs.executions(run))
    addStep(walk, { execution: status === 'skipped' && source !== undefined ? source : id, run, step });
}

/** Starts at content, preferably where it is recorded at `path`. Adds nothing if no step read or wrote it. */
export function startAtArtifact(walk: Walk, hash: ContentHash, path: WorkspacePath): void {
  const { runs, graph, waiting } = walk;
  const atPath = runs.makerOf(hash, { path }) ?? runs.readersOf(hash, 1, path)[0];
  const use = atPath ?? runs.makerOf(hash) ?? runs.readersOf(hash, 1)[0];
  if (use === undefined) return;
  const id = artifactId(hash, use.path);
  graph.add({ id, kind: 'artifact', label: use.path, hash });
  waiting.push(() => {
    if (walk.direction === 'down') visitReaders(walk, { hash, path: use.path }, id);
    else linkMaker(walk, runs.makerOf(hash, { path: use.path }), id);
  });
}

/** Makes all pending visits, breadth first, so that a truncated graph keeps the nearest nodes. */
export function finishWalk({ graph, waiting, direction }: Walk): LineageGraph {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next();
  return graph.result(direction);
}

/** Adds a step, to be visited later, and returns the id of its node. */
function addStep(walk: Walk, use: Pick<ExecutionUse, 'execution' | 'run' | 'step'>): string {
  const node = stepNode(use);
  const visit = walk.direction === 'up' ? visitReads : visitWrites;
  if (walk.graph.add(node)) walk.waiting.push(() => visit(walk, use.execution, node.id));
  return node.id;
}

function linkMaker(walk: Walk, maker: ExecutionUse | undefined, artifact: string): void {
  if (maker !== undefined) walk.graph.link(addStep(walk, maker), artifact);
}

function visitReads(walk: Walk, execution: ExecutionId, id: string): void {
  const { runs, graph, waiting } = walk;
  for (const read of runs.uses(execution).reads) {
    if (isParentPlace(read.path)) {
      linkParent(walk, execution, { read, id });
      continue;
    }
    const node = artifactNode(read);
    const { artifact, path } = read;
    if (graph.add(node))
      waiting.push(() => linkMaker(walk, runs.makerOf(artifact.hash, { reader: execution, path }), node.id));
    graph.link(node.id, id);
  }
}

/** A step that started from a model leads to the version, and through it to how that was made. */
function linkParent(
  walk: Walk,
  execution: ExecutionId,
  { read, id }: { readonly read: ArtifactUse; readonly id: string },
): void {
  const origin = walk.runs.originOf(execution);
  const run = origin === undefined ? undefined : walk.runs.get(origin);
  const version = run === undefined ? undefined : parentVersion({ registry: walk.registry }, read, run);
  const node = version === undefined ? artifactNode(read) : modelNode(version);
  const isNew = walk.graph.add(node);
  walk.graph.link(node.id, id);
  if (!isNew || version === undefined) return;
  const { path, hash, kind, size } = version;
  const artifact = artifactNode({ path, artifact: { hash, kind, size } });
  walk.graph.add(artifact);
  walk.graph.link(artifact.id, node.id);
  walk.waiting.push(() => linkMaker(walk, makerIn(walk, version.run, hash), artifact.id));
}

function visitWrites(walk: Walk, execution: ExecutionId, id: string): void {
  const { runs, graph, waiting } = walk;
  for (const write of runs.uses(execution).writes) {
    const node = artifactNode(write);
    if (graph.add(node))
      waiting.push(() => visitReaders(walk, { hash: write.artifact.hash, path: write.path }, node.id));
    graph.link(id, node.id);
  }
}

function visitReaders(walk: Walk, { hash, path }: Place, id: string): void {
  const { runs, models, graph } = walk;
  for (const version of models.withHash(hash).filter((one) => one.path === path)) {
    const node = modelNode(version);
    graph.add(node);
    graph.link(id, node.id);
    for (const reader of startedFrom({ registry: walk.registry }, version, walk.limit))
      graph.link(node.id, addStep(walk, reader));
  }
  for (const reader of runs.readersOf(hash, walk.limit, path)) graph.link(id, addStep(walk, reader));
}

/** The execution of a run that wrote these bytes; without one, any execution that did. */
function makerIn({ runs }: Walk, run: RunId, hash: ContentHash): ExecutionUse | undefined {
  const execution = runs
    .executions(run)
    .find((one) => runs.uses(one.id).writes.some((write) => write.artifact.hash === hash));
  const own = execution === undefined ? undefined : (execution.source ?? execution.id);
  return (
    (own === undefined ? undefined : runs.makerOf(hash, { reader: (own + 1) as ExecutionId })) ?? runs.makerOf(hash)
  );
}
