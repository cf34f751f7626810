import { type CountedFor, type UnknownPart, unknownParts } from '../../data/windows/profile-window.js';
import type { TableProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import type { PipelineName, WorkspacePath } from '../../domain/ids.js';
import type { ExecutorName } from '../../domain/pipeline/executor.js';
import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import type { TableSource } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import type { When } from '../../domain/when.js';
import { executePipeline } from '../../execute/execute-pipeline.js';
import { discardJobs } from '../../execute/executors/executors.js';
import { abandonedJobs } from '../../execute/executors/open-jobs.js';
import { recover } from '../../execute/recover.js';
import { parsePipeline } from '../../pipeline/parse/parse-pipeline.js';
import { type PartsRequest, profileIn, requestIn } from './request.js';

interface Asked {
  readonly executor: ExecutorName;
  readonly when: When;
  readonly window: TableSource;
  readonly counted: CountedFor;
}

/** More jobs than this do not finish earlier on most clusters; each then reads several files. */
const MOST_JOBS = 200;

/**
 * Profiles the large files of a window on an executor, and keeps the profiles by content: whoever profiles the window next finds
 * them, and merges them. The jobs are a run of their own, with logs. Files that no job could read are read here.
 */
export async function profilePartsOn(
  services: Services,
  pipeline: Pick<Pipeline, 'name'>,
  { executor, when, window, counted }: Asked,
): Promise<Result<void, Failure>> {
  const parts = await unknownParts(services, pipeline.name, window, counted);
  if (parts.length === 0) {
    services.emit({
      type: 'phase',
      text: `reading here, not on ${executor}: no file of 16 MB or more in the workspace is new`,
    });
    return ok(undefined);
  }
  const jobs = Math.min(parts.length, MOST_JOBS);
  const name = `${pipeline.name}.profiles` as PipelineName;
  const lock = await services.locks.lockPipeline(name);
  if (!lock.ok) return lock;
  const folder = await services.files.makeScratch('profiles');
  try {
    const recovered = await recover(services, { name });
    if (!recovered.ok) return recovered;
    // Jobs of a check that was killed write into a folder that is gone.
    const left = await abandonedJobs(services, () => false);
    for (const job of left.filter((one) => one.pipeline === name)) await discardJobs(services, job);
    const request: PartsRequest = {
      paths: parts.map(({ path }) => path),
      jobs,
      timeColumn: window.timeColumn,
      types: window.types === undefined ? undefined : [...window.types],
      reference: counted.profile,
    };
    const written = await services.files.writeText(requestIn(folder), JSON.stringify(request));
    if (!written.ok) return written;
    services.emit({ type: 'phase', text: `reading ${parts.length} files in ${jobs} jobs of ${executor}` });
    const ran = await executePipeline(services, jobsOf(services, { name, folder, jobs }), {
      ...when,
      executor,
      onFailure: 'go-on',
      trigger: { kind: 'profiles', detail: `check-drift ${pipeline.name} --executor ${executor}` },
    });
    if (!ran.ok) return ran;
    if (services.signal.aborted) return err(ran.value.failures[0] ?? { code: 'step-cancelled', step: 'part' });
    await keepAll(services, parts, folder);
    return ok(undefined);
  } finally {
    await services.files.remove(folder);
    lock.value.release();
  }
}

/** One step, an instance for each job. It declares no outputs: what it writes is kept in the registry. */
function jobsOf(
  { surroundings, files }: Services,
  { name, folder, jobs }: { readonly name: string; readonly folder: string; readonly jobs: number },
): Pipeline {
  const command = [surroundings.node, `${surroundings.binFolder}/refit.js`, 'profile', 'part', requestIn(folder)];
  const text = [
    `pipeline: ${JSON.stringify(name)}`,
    'steps:',
    '  part:',
    `    matrix: { job: ${JSON.stringify(Array.from({ length: jobs }, (_, i) => i))} }`,
    `    run: ${JSON.stringify([...command, '${{ matrix.job }}'])}`,
    '',
  ].join('\n');
  const { pipeline, diagnostics } = parsePipeline(`pipelines/${name}.yaml` as WorkspacePath, text, {
    root: files.root,
  });
  if (pipeline === undefined)
    throw new Error(`internal error: ${diagnostics.map(({ message }) => message).join('; ')}`);
  return pipeline;
}

async function keepAll(services: Services, parts: readonly UnknownPart[], folder: string): Promise<void> {
  const unread: string[] = [];
  for (const [place, part] of parts.entries()) {
    const text = await services.files.readText(profileIn(folder, place));
    if (text.ok) await part.keep(JSON.parse(text.value) as TableProfile);
    else unread.push(part.path);
  }
  if (unread.length > 0)
    services.emit({
      type: 'warning',
      code: 'parts-not-read',
      text: `${unread.length} of ${parts.length} files could not be read there, and are read here: ${unread.slice(0, 3).join(', ')}`,
    });
}
