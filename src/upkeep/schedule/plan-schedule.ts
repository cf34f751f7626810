import { dirname } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import type { Schedules } from '../../domain/ports/schedules.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { loadPipeline } from '../../pipeline/load-pipeline.js';
import { readablePipelines } from '../../pipeline/shared-names.js';
import { loadWorkspaceSettings } from '../../pipeline/workspace-settings.js';
import { tickMinutes } from '../../retrain/judge/tick-minutes.js';
import { hashOf, type Schedule } from './schedule.js';

/** `refit schedule --all`. */
export const ALL = '--all';

type Scheduling = Services & { readonly schedules: Schedules };

const USUAL_PATH = ['/usr/local/bin', '/usr/bin', '/bin'];

/** When and how `retrain` must be called for a pipeline (a name or a file), or for all of them. */
export async function planSchedule(services: Scheduling, asked: string): Promise<Result<Schedule, Failure>> {
  const pipelines = asked === ALL ? await retrainedPipelines(services) : await retrainedPipeline(services, asked);
  if (!pipelines.ok) return pipelines;
  const settings = await loadWorkspaceSettings(services);
  if (!settings.ok) return settings;
  const { files, surroundings, schedules } = services;
  const { root } = files;
  const [only] = pipelines.value;
  const subject = asked === ALL || only === undefined ? ALL : subjectOf(only);
  const [remote] = Object.entries(settings.value.remotes);
  const path = [...new Set([dirname(surroundings.node), surroundings.binFolder, ...USUAL_PATH])].join(':');
  const folder = schedules.folderInRepository();
  const fault = faultOfName([subject === ALL ? '' : subject, remote?.[0] ?? '', folder]);
  if (fault !== undefined) return err({ code: 'usage', problem: fault, next: 'give it another name' });
  return ok({
    root,
    subject,
    minutes: minutesFor(pipelines.value, `${root} ${subject}`),
    node: surroundings.node,
    program: `${surroundings.binFolder}/refit.js`,
    path,
    remote: remote === undefined ? undefined : { name: remote[0], isS3: remote[1].kind === 's3' },
    folder,
  });
}

/** Why names cannot stand in what is scheduled: a line break would begin a line of its own there, and a dash an option. */
function faultOfName(names: readonly string[]): string | undefined {
  const odd = names.find((name) => /^-|[\p{Cc}\p{Zl}\p{Zp}]/u.test(name));
  return odd === undefined ? undefined : `no schedule can hold the name ${JSON.stringify(odd)}`;
}

/** The subject whose lines are removed. The pipeline may be invalid or gone by now. */
export function removedSubject({ files }: Pick<Services, 'files'>, asked: string): string {
  const file = asked.startsWith(`${files.root}/`) ? asked.slice(files.root.length + 1) : asked;
  return /^pipelines\/([^/]+)\.ya?ml$/.exec(file)?.[1] ?? file;
}

/** Files in `pipelines/` are found by their name. */
const subjectOf = ({ name, file }: Pipeline): string => (/^pipelines\/[^/]+$/.test(file) ? name : file);

async function retrainedPipeline(services: Scheduling, asked: string): Promise<Result<readonly Pipeline[], Failure>> {
  const loaded = await loadPipeline(services, asked);
  if (!loaded.ok) return loaded;
  const { pipeline } = loaded.value;
  const base = { code: 'section-missing' as const, pipeline: pipeline.file, command: 'schedule' };
  return pipeline.retrain === undefined
    ? err({ ...base, section: 'retrain', lines: 'retrain: weekly' })
    : ok([pipeline]);
}

async function retrainedPipelines(services: Scheduling): Promise<Result<readonly Pipeline[], Failure>> {
  const pipelines = (await readablePipelines(services)).filter(({ retrain }) => retrain !== undefined);
  return pipelines.length > 0
    ? ok(pipelines)
    : err({
        code: 'usage',
        problem:
          'no valid pipeline of this workspace has a "retrain" section, so there is nothing to call on a schedule',
        next: 'add "retrain: weekly" to one (refit validate says what is wrong with the others)',
      });
}

/** A pipeline without a fixed minute gets one of its own, so that not every workspace of a machine starts at once. */
function minutesFor(pipelines: readonly Pipeline[], seed: string): readonly number[] {
  const fixed = pipelines.flatMap(({ retrain }) => (retrain === undefined ? [] : tickMinutes(retrain)));
  const minutes = fixed.length > 0 ? fixed : [Number.parseInt(hashOf(seed), 16) % 60];
  return [...new Set(minutes)].sort((a, b) => a - b);
}
