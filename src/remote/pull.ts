import type { Merged, RemoteAlias } from '../domain/exchange/exchange.js';
import type { Failure } from '../domain/failure.js';
import type { HeldMove } from '../domain/models/held-move.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { judgePulled } from '../serving/judge-pulled.js';
import { type Served, serveAll } from '../serving/serve-all.js';
import { type Fetched, fetchObjects } from './fetch-objects.js';
import { findRemote, type NamedRemote, type OpenedRemote } from './find-remote.js';
import { holdEvery } from './hold-every.js';
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
  const remote = await findRemote(services, named, false);
  if (!remote.ok) return remote;
  return holdEvery(services, options.waitMs, async () => {
    const log = await readLog(services, remote.value, options.isNew);
    return log.ok ? takeIn(services, remote.value, log.value, options) : log;
  });
}

/**
 * Merges rows first and records missing objects as being at the remote, then judges their
 * moves, fetches objects, and publishes. After a kill the
 * next pull continues without repeating finished work. See remote/stores/REMOTES.md.
 */
export async function takeIn(
  services: Services,
  remote: OpenedRemote,
  log: RemoteLog,
  { isAll }: Pick<PullOptions, 'isAll'>,
): Promise<Result<Pulled, Failure>> {
  const merged = await mergeEntries(services, remote, log);
  if (!merged.ok) return merged;
  const held = await judgePulled(services);
  const objects = await fetchObjects(services, remote, isAll);
  if (!objects.ok) return objects;
  const served = await serveAll(services);
  if (!served.ok) return served;
  return ok({
    ...merged.value,
    url: remote.url,
    entries: log.entries.length,
    isEmpty: log.root === undefined,
    objects: objects.value,
    aliases: log.last.aliases,
    served: served.value,
    held,
  });
}

const NOTHING: Merged = { runs: 0, versions: [], renumbered: [], overtaken: [], units: 0 };

async function mergeEntries(
  services: Services,
  remote: OpenedRemote,
  log: RemoteLog,
): Promise<Result<Merged, Failure>> {
  const { registry, artifacts, clock, surroundings } = services;
  const { root, entries } = log;
  if (root === undefined) return ok(NOTHING);
  const exchange = await registry.exchange();
  if (entries.length === 0) {
    exchange.recordPlace(remote.place, root);
    return ok(NOTHING);
  }
  const incoming = await fetchBundles(services, remote, log);
  if (!incoming.ok) return incoming;
  const hashes = incoming.value.flatMap(({ bundle }) => [...bundle.objects.map(({ hash }) => hash), ...bundle.absent]);
  const here = artifacts.transfer.describe([...new Set(hashes)]);
  const merged = exchange.merge({
    remote: root,
    entries: incoming.value,
    present: new Set(here.map(({ hash, kind }) => `${hash} ${kind}`)),
    at: clock.now(),
    actor: surroundings.actor(),
  });
  // Only now: a history that was refused must not be the one that is expected there from then on.
  if (merged.ok) exchange.recordPlace(remote.place, root);
  return merged;
}
