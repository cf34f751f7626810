import type { Notice, NoticeChannel } from '../domain/decisions/notice.js';
import type { ModelName, RunId } from '../domain/ids.js';
import type { TrackingOutcome, TrackingServer } from '../domain/ports/run-tracker.js';
import type { Services } from '../domain/ports/services.js';
import type { RunFacts } from '../domain/runs/run-facts.js';
import { collectRunFacts } from '../execute/collect-run-facts.js';
import { CHAMPION } from '../models/champion.js';
import type { TrackingSettings } from '../pipeline/parse/sections/notifications.js';

export type Tracking = Pick<Services, 'registry' | 'runTracker' | 'surroundings' | 'signal'>;

const NOTHING: TrackingOutcome = { notes: [] };

/** Logs the run or the champion that a notice names to a tracking server, using the current state of the registry. */
export async function logToTracking(
  services: Tracking,
  channel: NoticeChannel,
  settings: TrackingSettings,
  notice: Notice,
): Promise<TrackingOutcome> {
  const server = serverOf(services, channel, settings);
  if (typeof server === 'string') return { problem: server, notes: [] };
  const { run, model } = notice.facts;
  if (typeof model === 'string') return logChampion(services, server, model as ModelName);
  const facts = typeof run === 'string' ? factsOf(services, run as RunId) : undefined;
  return facts === undefined ? NOTHING : services.runTracker.logRun(server, facts);
}

/** Checks that the tracking server is reachable and accepts the settings. */
export async function checkTracking(
  services: Tracking,
  channel: NoticeChannel,
  settings: TrackingSettings,
): Promise<TrackingOutcome> {
  const server = serverOf(services, channel, settings);
  return typeof server === 'string' ? { problem: server, notes: [] } : services.runTracker.check(server);
}

function serverOf(
  { surroundings, signal }: Tracking,
  { target, timeoutMs }: NoticeChannel,
  { experiment, tokenVariable }: TrackingSettings,
): TrackingServer | string {
  const env = surroundings.variables();
  const url = target.kind === 'url' ? target.url : target.kind === 'url-from' ? env[target.variable] : undefined;
  if (url === undefined || url === '')
    return target.kind === 'url-from' ? `the variable ${target.variable} is not set` : 'it has no address';
  const token = tokenVariable === undefined ? undefined : env[tokenVariable];
  if (tokenVariable !== undefined && (token === undefined || token === ''))
    return `the variable ${tokenVariable} is not set`;
  return {
    url,
    timeoutMs,
    signal,
    token,
    experiment,
  };
}

const factsOf = ({ registry }: Tracking, id: RunId): RunFacts | undefined => {
  const run = registry.runs.get(id);
  return run === undefined ? undefined : collectRunFacts({ registry }, run);
};

async function logChampion(services: Tracking, server: TrackingServer, model: ModelName): Promise<TrackingOutcome> {
  const { models } = services.registry;
  const to = models.alias(model, CHAMPION)?.to;
  const version = to === undefined ? undefined : models.get({ model, version: to });
  const facts = version === undefined ? undefined : factsOf(services, version.run);
  if (version === undefined || facts === undefined) return NOTHING;
  if (facts.run.environment.origin !== undefined)
    return {
      notes: [
        `${model}@${version.version} was imported: its champion alias is not sent, because it may come from the same server`,
      ],
    };
  return services.runTracker.setAlias(server, facts, { model, version: version.version, alias: CHAMPION });
}
