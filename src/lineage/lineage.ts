import type { Failure } from '../domain/failure.js';
import type { ContentHash, ExecutionId, RunId, WorkspacePath } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { ExecutionUse } from '../domain/ports/run-records.js';
import type { Services } from '../domain/ports/services.js';
import type { ArtifactUse } from '../domain/runs/artifact.js';
import type { LineageEdge, LineageGraph, LineageNode } from '../domain/runs/lineage.js';
import { ok, type Result } from '../domain/support/result.js';
import { findVersion } from '../models/find-version.js';
import { findArtifact } from './find-artifact.js';

type Need = Pick<Services, 'registry' | 'artifacts'>;

export interface LineageOptions {
  readonly direction: 'up' | 'down';
  /** The subject as a workspace path, in case it is one. */
  readonly path: string;
  /** Maximum number of nodes, because years of history do not fit one screen. */
  readonly limit: number;
}

/** The graph of everything that a model, a run or an artifact was made from (up), or that was made from it (down). */
export async function lineage(
  services: Need,
  subject: string,
  options: LineageOptions,
): Promise<Result<LineageGraph, Failure>> {
  const walk = createWalk(services, options);
  const version = findVersion(services, subject);
  const runs = version === undefined && /^\d{8}-/.test(subject) ? services.registry.runs.find(subject) : [];
  const [run] = runs;
  if (version !== undefined) walk.fromVersion(version);
  else if (run !== undefined && runs.length === 1) walk.fromRun(run.id);
  else {
    const found = await findArtifact(services, subject, options.path);
    if (!found.ok) return found;
    for (const hash of [...found.value.hashes, ...(options.direction === 'down' ? found.value.folders : [])])
      walk.fromArtifact(hash);
  }
  return ok(walk.graph());
}

/** A pending part of the walk: adds the neighbours of one node. */
type Visit = () => void;

type Place = Pick<ModelVersion, 'hash' | 'path'>;

const artifactId = (hash: ContentHash, path: string): string => `a:${path}:${hash.slice(0, 16)}`;

function createWalk({ registry }: Need, { direction, limit, path: given }: LineageOptions) {
  const { runs, models } = registry;
  const nodes = new Map<string, LineageNode>();
  const edges = new Map<string, LineageEdge>();
  const waiting: Visit[] = [];
  let isCut = false;
  let root = '';

  /** Adds a node. Returns true if it is new and must be visited. */
  const add = (node: LineageNode): boolean => {
    if (nodes.has(node.id)) return false;
    if (nodes.size >= limit) {
      isCut = true;
      return false;
    }
    if (nodes.size === 0) root = node.id;
    nodes.set(node.id, node);
    return true;
  };
  const link = (from: string, to: string): void => {
    if (nodes.has(from) && nodes.has(to)) edges.set(`${from} ${to}`, { from, to });
  };
  const artifactNode = (use: ArtifactUse): LineageNode => ({
    // The same bytes at two paths are two nodes, because a step may copy its input.
    id: artifactId(use.artifact.hash, use.path),
    kind: 'artifact',
    label: use.path,
    hash: use.artifact.hash,
    dataset: use.dataset,
    rows: use.rows,
  });
  const stepNode = (use: Pick<ExecutionUse, 'execution' | 'run' | 'step'>): LineageNode => ({
    id: `e:${use.execution}`,
    kind: 'step',
    label: use.step,
    run: use.run,
    step: use.step,
  });

  const makeStep = (use: Pick<ExecutionUse, 'execution' | 'run' | 'step'>): string => {
    const node = stepNode(use);
    if (add(node))
      waiting.push(() => (direction === 'up' ? readsOf(use.execution, node.id) : writesOf(use.execution, node.id)));
    return node.id;
  };
  const readsOf = (execution: ExecutionId, id: string): void => {
    for (const read of runs.uses(execution).reads) {
      const node = artifactNode(read);
      if (add(node))
        waiting.push(() => {
          const maker = runs.makerOf(read.artifact.hash, { reader: execution, path: read.path });
          if (maker !== undefined) link(makeStep(maker), node.id);
        });
      link(node.id, id);
    }
  };
  const writesOf = (execution: ExecutionId, id: string): void => {
    for (const write of runs.uses(execution).writes) {
      const node = artifactNode(write);
      if (add(node)) waiting.push(() => readersOf({ hash: write.artifact.hash, path: write.path }, node.id));
      link(id, node.id);
    }
  };
  const readersOf = ({ hash, path }: Place, id: string): void => {
    for (const version of models.withHash(hash).filter((one) => one.path === path)) {
      const node = modelNode(version);
      add(node);
      link(id, node.id);
    }
    for (const reader of runs.readersOf(hash, limit, path)) link(id, makeStep(reader));
  };
  const modelNode = ({ model, version, hash, run }: ModelVersion): LineageNode => ({
    id: `m:${model}@${version}`,
    kind: 'model',
    label: `${model}@${version}`,
    hash,
    run,
  });
  /** Upwards from a version, follow the execution of its own run, even if others made the same bytes. */
  const makerIn = (run: RunId, hash: ContentHash): ExecutionUse | undefined => {
    const execution = runs
      .executions(run)
      .find((one) => runs.uses(one.id).writes.some((write) => write.artifact.hash === hash));
    const own = execution === undefined ? undefined : (execution.source ?? execution.id);
    return (
      (own === undefined ? undefined : runs.makerOf(hash, { reader: (own + 1) as ExecutionId })) ?? runs.makerOf(hash)
    );
  };
  const fromArtifact = (hash: ContentHash): void => {
    const named = given as WorkspacePath;
    const here = runs.makerOf(hash, { path: named }) ?? runs.readersOf(hash, 1, named)[0];
    const use = here ?? runs.makerOf(hash) ?? runs.readersOf(hash, 1)[0];
    if (use === undefined) return;
    const { path } = use;
    const id = artifactId(hash, path);
    add({ id, kind: 'artifact', label: path, hash });
    waiting.push(() => {
      if (direction === 'down') return readersOf({ hash, path }, id);
      const maker = runs.makerOf(hash, { path });
      if (maker !== undefined) link(makeStep(maker), id);
    });
  };
  return {
    fromArtifact,
    fromRun: (run: RunId) => {
      for (const { id, step, source, status } of runs.executions(run))
        makeStep({ execution: status === 'skipped' && source !== undefined ? source : id, run, step });
    },
    fromVersion: (version: ModelVersion) => {
      const node = modelNode(version);
      add(node);
      if (direction === 'down') return waiting.push(() => readersOf(version, node.id));
      const use: ArtifactUse = {
        path: version.path,
        artifact: { hash: version.hash, kind: version.kind, size: version.size },
      };
      const artifact = artifactNode(use);
      add(artifact);
      link(artifact.id, node.id);
      return waiting.push(() => {
        const maker = makerIn(version.run, version.hash);
        if (maker !== undefined) link(makeStep(maker), artifact.id);
      });
    },
    graph: (): LineageGraph => {
      // Breadth first, so that a truncated graph keeps the nearest nodes.
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next();
      return { direction, root, nodes: [...nodes.values()], edges: [...edges.values()], isCut };
    },
  };
}
