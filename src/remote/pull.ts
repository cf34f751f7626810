import type { Incoming, Merged, MergeRequest, RemoteAlias } from '../domain/exchange/exchange.js';
import type { Failure } from '../domain/failure.js';
import type { HeldMove } from '../domain/models/held-move.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { judgePulled } from '../serving/judge-pulled.js';
import { type Served, serveAll } from '../serving/serve-all.js';
import { type Fetched, fetchAhead, fetchObjects } from './fetch-objects.js';
import { findRemote, type NamedRemote, type OpenedRemote } from './find-remote.js';
import { holdEvery, holdExchange } from './hold-every.js';
import { fetchBundles, type RemoteLog, readLog } from './remote-log.js';

export interface PullOptions {
  /** Fetch every object of the remote, not only those needed here. */
  readonly isAll: boolean;
  /** Accept a different history than the known one at this location. */
  readonly isNew: boolean;
  readonly waitMs?: number;
}

export interface Pulled extends Merged {
  readonly url: string;
  /** Number of merged log entries. */
  readonly entries: number;
  /** Nothing was ever pushed to the remote. */
  readonly isEmpty: boolean;
  readonly objects: Fetched;
  readonly aliases: readonly RemoteAlias[];
  /** Moves of other machines that are kept as history and not served here. */
  readonly held: readonly HeldMove[];
  /** Published folders that now serve another version. */
  readonly served: readonly Served[];
}

/** Merges a remote's history, fetches the objects needed here, and publishes the remote's champions. */
export async function pull(
  services: Services,
  named: NamedRemote,
  options: PullOptions,
): Promise<Result<Pulled, Failure>> {
  const remote = await findRemote(services, named);
  if (!remote.ok) return remote;
  return holdExchange(services, options.waitMs, async () => {
    const log = await readLog(services, remote.value, options.isNew);
    return log.ok ? takeIn(services, remote.value, log.value, options) : log;
  });
}

/**
 * Fetches what the new entries need while pipelines go on. Then, with every pipeline's lock, merges rows and records missing
 * objects as being at the remote, judges their moves, fetches objects that are still missing, and publishes. After a kill the
 * next pull continues without repeating finished work. See remote/stores/REMOTES.md.
 */
export async function takeIn(
  services: Services,
  remote: OpenedRemote,
  log: RemoteLog,
  { isAll, waitMs }: Pick<PullOptions, 'isAll' | 'waitMs'>,
): Promise<Result<Pulled, Failure>> {
  const incoming = await fetchBundles(services, remote, log);
  if (!incoming.ok) return incoming;
  const request = log.root === undefined ? undefined : mergeRequest(services, log.root, incoming.value);
  const ahead = await fetchAhead(services, remote, request, isAll);
  if (!ahead.ok) return ahead;
  return holdEvery(services, waitMs, async () => {
    const merged = await mergeEntries(services, remote, request);
    if (!merged.ok) return merged;
    const held = await judgePulled(services);
    const left = await fetchObjects(services, remote, isAll);
    if (!left.ok) return left;
    const served = await serveAll(services);
    if (!served.ok) return served;
    return ok({
      ...merged.value,
      url: remote.url,
      entries: log.entries.length,
      isEmpty: log.root === undefined,
      objects: sumOf(ahead.value, left.value),
      aliases: log.last.aliases,
      served: served.value,
      held,
    });
  });
}

const sumOf = (ahead: Fetched, left: Fetched): Fetched => ({
  objects: ahead.objects + left.objects,
  bytes: ahead.bytes + left.bytes,
  elsewhere: left.elsewhere,
});

function mergeRequest(
  { artifacts, clock, surroundings }: Services,
  remote: string,
  entries: readonly Incoming[],
): MergeRequest {
  const hashes = entries.flatMap(({ bundle }) => [...bundle.objects.map(({ hash }) => hash), ...bundle.absent]);
  // Asked when it merges, because the objects it needs are fetched just before.
  const present = (): ReadonlySet<string> => {
    const here = artifacts.transfer.describe([...new Set(hashes)]);
    return new Set(here.map(({ hash, kind }) => `${hash} ${kind}`));
  };
  return { remote, entries, present, at: clock.now(), actor: surroundings.actor() };
}

const NOTHING: Merged = { runs: 0, versions: [], renumbered: [], overtaken: [], units: 0 };

async function mergeEntries(
  { registry }: Services,
  { place }: OpenedRemote,
  request: MergeRequest | undefined,
): Promise<Result<Merged, Failure>> {
  if (request === undefined) return ok(NOTHING);
  const exchange = await registry.exchange();
  const merged = request.entries.length === 0 ? ok(NOTHING) : exchange.merge(request);
  // Only now: a history that was refused must not be the one that is expected there from then on.
  if (merged.ok) exchange.recordPlace(place, request.remote);
  return merged;
}
