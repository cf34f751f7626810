import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import type { Services } from '../../domain/ports/services.js';
import type { ArtifactUse } from '../../domain/runs/artifact.js';
import { TRACKED } from '../../domain/runs/run.js';
import type { RunReport } from '../../domain/runs/run-report.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import type { Instant } from '../../domain/support/time.js';
import { needStrace } from '../../execute/trace/need-strace.js';
import { declaredNames } from '../../pipeline/load-pipeline.js';
import { parsePipeline } from '../../pipeline/parse/parse-pipeline.js';
import { runPipeline } from '../run-pipeline.js';
import { type TrackedCommand, trackedPipeline } from './tracked-pipeline.js';

export interface TrackOptions extends TrackedCommand {
  readonly now: Instant;
  /** False: records the command, its output and its metrics, and not what it opens. */
  readonly isTraced: boolean;
  readonly waitMs?: number;
}

export interface Tracked {
  readonly report: RunReport;
  readonly reads: readonly ArtifactUse[];
  readonly writes: readonly ArtifactUse[];
  /** Files that were there before, and that it changed in place. */
  readonly changed: readonly string[];
  /** Why the files that it opened are not recorded. */
  readonly untraced?: string;
}

/**
 * Runs a command that no pipeline has, and records it as a run: the command, its code, output and metrics, and the files of the
 * workspace that it opened.
 */
export async function trackCommand(services: Services, options: TrackOptions): Promise<Result<Tracked, Failure>> {
  const refused = await faultOf(services, options);
  if (refused !== undefined) return err(refused);
  const secret = options.words.find((word) => SECRET.test(word));
  if (secret !== undefined)
    services.emit({
      type: 'warning',
      code: 'secret-recorded',
      text: `${secret.replace(/=.*/s, '=…')} looks like a secret: the words of a command are recorded and shown; hand it over in the environment`,
    });
  const { name, params, now, waitMs } = options;
  const text = trackedPipeline(options);
  const { pipeline, diagnostics } = parsePipeline(`pipelines/${name}.yaml` as WorkspacePath, text, {
    root: services.files.root,
    params,
  });
  if (pipeline === undefined || diagnostics.some((one) => one.severity === 'error'))
    return err({ code: 'invalid-pipeline', diagnostics });
  const traced = options.isTraced ? await needStrace(services) : undefined;
  const isTracked = traced?.ok === true;
  const ran = await runPipeline(services, pipeline, {
    now,
    isNowGiven: false,
    trigger: { kind: TRACKED, detail: options.words.join(' ') },
    isTraced: isTracked,
    isTracked,
    waitMs,
  });
  if (!ran.ok) return ran;
  const { report } = ran.value;
  const [execution] = report.executions;
  const uses = execution === undefined ? { reads: [], writes: [] } : services.registry.runs.uses(execution.id);
  const changed = report.undeclared?.flatMap((one) => one.changed ?? []) ?? [];
  return ok({ report, ...uses, changed, ...(isTracked ? {} : { untraced: whyNot(options) }) });
}

const SECRET = /^(--?[\w-]*|[A-Z0-9_]*)(password|passwd|secret|api[-_]?key|access[-_]?key|[-_]token)(=|$)/i;

const whyNot = ({ isTraced }: TrackOptions): string =>
  isTraced
    ? 'the files that it opened are not recorded: strace is not on the PATH (Linux: apt install strace)'
    : 'the files that it opened are not recorded: --no-trace';

async function faultOf(services: Services, { name, words }: TrackOptions): Promise<Failure | undefined> {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name))
    return {
      code: 'usage',
      problem: `"${name}" cannot be the name of a pipeline`,
      next: 'use letters, digits, "-", "_" and "."',
    };
  if ((await declaredNames(services)).some((one) => one === name))
    return {
      code: 'usage',
      problem: `there is a pipeline ${name}: its runs and those of a single command would be mixed`,
      next: `choose another name with --name, or run the pipeline: refit run ${name}`,
    };
  const value = words.find((one) => one.includes('${{'));
  if (value !== undefined)
    return {
      code: 'usage',
      problem: `${value}: refit fills in \${{ … }} in the commands of a pipeline, and there is none here`,
      next: 'write the value itself',
    };
  return undefined;
}
