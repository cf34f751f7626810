import type { Failure } from '../../domain/failure.js';
import type { PipelineName } from '../../domain/ids.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { differencesOf, sideOfRun } from '../../lineage/diff.js';
import type { Compared, ComparedPipeline, MetricHistory } from '../views/compare-facts.js';
import { type Base, findBase, pipelinesOf, runOfCommits, runOfWorkingTree } from './find-sides.js';
import { trainingDrift } from './training-drift.js';

/** How many runs a chart shows. */
const CHARTED = 12;

const WORKING_TREE = 'this working tree';

/**
 * The working tree's latest run of each pipeline against a revision, a run or a version. Reads the registry and git. Fails if no
 * pipeline has a run of the base, unless it may lack one, as a new branch does.
 */
export async function compare(
  services: Services,
  asked: {
    readonly subject: string;
    readonly pipeline?: string;
    readonly mayLackBase?: boolean;
    /** The subject is certainly a branch. */
    readonly isBranch?: boolean;
  },
): Promise<Result<Compared, Failure>> {
  const base = await findBase(services, asked.subject, asked.isBranch);
  if (!base.ok) return base;
  const pipelines = await pipelinesOf(services, base.value, asked.pipeline);
  if (!pipelines.ok) return pipelines;
  const history = await services.git.history({ revision: 'HEAD', limit: 1 });
  const head = 'commits' in history ? history.commits[0] : undefined;
  const compared: ComparedPipeline[] = [];
  for (const pipeline of pipelines.value)
    compared.push(await comparePipeline(services, { base: base.value, head, pipeline }));
  const isAnyThere = compared.some((one) => one.kind !== 'no-base');
  if (!isAnyThere && asked.mayLackBase !== true) return err(noRun(asked.subject, base.value, pipelines.value));
  return ok({ name: asked.subject, head, commit: commitOf(base.value), pipelines: compared });
}

const commitOf = (base: Base): string | undefined =>
  base.kind === 'revision' ? base.commits[0] : base.side.run.code.commit;

function noRun(name: string, base: Base, pipelines: readonly PipelineName[]): Failure {
  const commit = commitOf(base)?.slice(0, 12) ?? '';
  const isShallow = base.kind === 'revision' && base.isShallow;
  const run = pipelines[0] === undefined ? 'refit run <pipeline>' : `refit run ${pipelines[0]}`;
  return {
    code: 'not-found',
    what: 'run of revision',
    name: `${name} (${commit})`,
    available: [],
    next: `the registry has no successful run of it or of a commit before it: fetch the history with "refit pull", or check it out and "${run}"${isShallow ? '; this clone is shallow, so earlier commits may be missing ("fetch-depth: 0" of actions/checkout, GIT_DEPTH: "0" of GitLab)' : ''}`,
  };
}

interface Asked {
  readonly base: Base;
  readonly head: string | undefined;
  readonly pipeline: PipelineName;
}

async function comparePipeline(services: Services, { base, head, pipeline }: Asked): Promise<ComparedPipeline> {
  const found =
    base.kind === 'run' ? { run: base.side.run, commitsBack: 0 } : runOfCommits(services, pipeline, base.commits);
  if (found === undefined) return { kind: 'no-base', pipeline };
  const run = runOfWorkingTree(services, pipeline, head);
  const before = base.kind === 'run' ? base.side : sideOfRun(services, base.name, found.run);
  if (run === undefined || run.id === found.run.id)
    return { kind: 'no-run', pipeline, before, commitsBack: found.commitsBack };
  const after = sideOfRun(services, WORKING_TREE, run);
  const [newest] = services.registry.runs.list({ pipeline, limit: 1 });
  return {
    kind: 'compared',
    pipeline,
    commitsBack: found.commitsBack,
    isOfHead: head === undefined || run.code.commit === head,
    newer: newest === undefined || newest.id === run.id ? undefined : newest,
    diff: await differencesOf(services, before, after),
    drift: await trainingDrift(services, before.run, after.run),
    history: historyOf(services, pipeline),
  };
}

/** Values of the newest runs that succeeded, oldest first. */
function historyOf(services: Services, pipeline: PipelineName): readonly MetricHistory[] {
  const runs = services.registry.runs.list({ pipeline, status: 'succeeded', limit: CHARTED }).toReversed();
  return runs.map((run) => {
    const { metrics, evaluation } = sideOfRun(services, run.id, run);
    return { run: run.id, at: run.now, values: { ...metrics, ...evaluation?.metrics } };
  });
}
