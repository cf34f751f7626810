import type { Failure } from '../../domain/failure.js';
import type { PipelineName } from '../../domain/ids.js';
import type { History } from '../../domain/ports/git.js';
import type { Services } from '../../domain/ports/services.js';
import type { Run } from '../../domain/runs/run.js';
import type { ComparedRun } from '../../domain/runs/run-diff.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { findSide } from '../../lineage/diff.js';
import { recordedName } from '../../pipeline/load-pipeline.js';

/** How far back a run of a revision is searched, in commits and in runs. */
const COMMITS = 500;
const RUNS = 1000;

/** What the working tree is compared with: a run of any name, or the commits of a revision. */
export type Base =
  | { readonly kind: 'run'; readonly name: string; readonly side: ComparedRun }
  | {
      readonly kind: 'revision';
      readonly name: string;
      readonly commits: readonly string[];
      /** The clone may lack earlier commits. */
      readonly isShallow: boolean;
    };

/**
 * A run, `model@version` or, if nothing in the registry is named so, a revision of git. `isBranch`: the name is certainly that of a
 * branch. A name that is both is warned about.
 */
export async function findBase(services: Services, name: string, isBranch = false): Promise<Result<Base, Failure>> {
  const history = await services.git.history({ revision: name, limit: COMMITS });
  const side = isBranch && 'commits' in history ? undefined : findSide(services, name);
  if (side?.ok === true) {
    if ('commits' in history) warnOfBoth(services, name, side.value);
    return ok({ kind: 'run', name, side: side.value });
  }
  if ('commits' in history) return ok({ kind: 'revision', name, ...history });
  return err(noBase(services, name, history));
}

function warnOfBoth(services: Services, name: string, { version, run }: ComparedRun): void {
  const what = version === undefined ? `run ${run.id}` : `version ${version.model}@${version.version}`;
  services.emit({
    type: 'warning',
    code: 'ambiguous-name',
    text: `"${name}" names the ${what} and a revision of git, and the ${what} is compared; write ${name}~0 for the revision`,
  });
}

/** What was looked for, by the form of the name: a version, else a pipeline, else a run and a revision. */
function noBase(services: Services, name: string, history: Exclude<History, { commits: unknown }>): Failure {
  const { registry } = services;
  const [, model, version] = /^(.+)@(\w+)$/.exec(name) ?? [];
  const known = registry.models.names().find((one) => one === model);
  if (known !== undefined)
    return {
      code: 'not-found',
      what: /^\d+$/.test(version ?? '') ? 'version' : 'alias or version',
      name,
      available: registry.models.versions(known).map((one) => `${known}@${one.version}`),
      next: `it is no revision of git either; see "refit models ${known}"`,
    };
  if (registry.runs.pipelines().some((one) => one === name))
    return {
      code: 'not-found',
      what: 'run, version or git revision',
      name,
      available: [],
      next: `"${name}" is a pipeline: write refit compare <base> ${name}, with a branch such as main, a run or a version as <base>`,
    };
  const available = registry.runs.list({ limit: 5 }).map((run) => run.id);
  if (history.problem === 'no-repository')
    return {
      code: 'not-found',
      what: 'run or version',
      name,
      available,
      next: 'this folder is in no git repository, so only runs and versions have names; see "refit runs"',
    };
  const next = history.isShallow
    ? 'this clone is shallow and may lack it: fetch it (GitHub: "fetch-depth: 0" of actions/checkout, GitLab: GIT_DEPTH: "0")'
    : 'git may know it under another name, such as origin/main; see "git branch --all" and "refit runs"';
  return { code: 'not-found', what: 'run, version or git revision', name, available: [], next };
}

/** One side for a pipeline, with how many commits the run's own commit lies before the revision. */
export interface FoundRun {
  readonly run: Run;
  readonly commitsBack: number;
}

/** The pipelines to compare: the one that is asked for, that of the run, or all that have run. */
export async function pipelinesOf(
  services: Services,
  base: Base,
  asked: string | undefined,
): Promise<Result<readonly PipelineName[], Failure>> {
  const made = base.kind === 'run' ? base.side.run.pipeline : undefined;
  if (asked === undefined) return ok(made === undefined ? services.registry.runs.pipelines() : [made]);
  const name = await recordedName(services, asked);
  if (!name.ok) return name;
  if (made === undefined || made === name.value) return ok([name.value]);
  return err({
    code: 'usage',
    problem: `compare ${base.name} ${asked}: ${base.name} is of the pipeline ${made}`,
    next: `write refit compare ${base.name}, or name a run of ${asked}`,
  });
}

const succeeded = ({ registry }: Services, pipeline: PipelineName): readonly Run[] =>
  registry.runs.list({ pipeline, status: 'succeeded', limit: RUNS });

/** The newest run of the newest commit that has one. Runs without uncommitted changes come first: they are the commit's. */
export function runOfCommits(
  services: Services,
  pipeline: PipelineName,
  commits: readonly string[],
): FoundRun | undefined {
  const runs = succeeded(services, pipeline);
  for (const [commitsBack, commit] of commits.entries()) {
    const own = runs.filter(({ code }) => code.commit === commit);
    const run = own.find(({ code }) => !code.isDirty) ?? own[0];
    if (run !== undefined) return { run, commitsBack };
  }
  return undefined;
}

/** The run that stands for the working tree: the newest of its own commit, else the newest of all. */
export function runOfWorkingTree(
  services: Services,
  pipeline: PipelineName,
  head: string | undefined,
): Run | undefined {
  const runs = succeeded(services, pipeline);
  return runs.find(({ code }) => head !== undefined && code.commit === head) ?? runs[0];
}
