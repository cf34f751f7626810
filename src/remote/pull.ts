import type { Merged, RemoteAlias } from '../domain/exchange/exchange.js';
import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { type Served, serveAll } from '../serving/serve-all.js';
import { type Fetched, fetchObjects } from './fetch-objects.js';
import { findRemote, type NamedRemote, type OpenedRemote } from './find-remote.js';
import { holdEvery } from './hold-every.js';
import { fetchBundles, type RemoteLog, readLog } from './remote-log.js';

export interface PullOptions {
  /** Fetches every object that the remote has, not only what is needed here. */
  readonly isAll: boolean;
  /** Another history than the one that was known at the place is taken in too. */
  readonly isNew: boolean;
  readonly waitMs?: number;
}

export interface Pulled extends Merged {
  readonly url: string;
  /** How many entries of the log were taken in. */
  readonly entries: number;
  /** Nothing was ever pushed there. */
  readonly isEmpty: boolean;
  readonly objects: Fetched;
  readonly aliases: readonly RemoteAlias[];
  /** Published folders that were changed. */
  readonly served: readonly Served[];
}

/** Takes in a remote's history, fetches what is needed here of its objects, and serves the champions that it says. */
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
 * Rows first, every object that is not here noted as the remote's; then the objects; then the published folders. Killed in
 * between, the next pull goes on: what is done is not done again. See remote/stores/REMOTES.md.
 */
export async function takeIn(
  services: Services,
  remote: OpenedRemote,
  log: RemoteLog,
  { isAll }: Pick<PullOptions, 'isAll'>,
): Promise<Result<Pulled, Failure>> {
  const merged = await mergeEntries(services, remote, log);
  if (!merged.ok) return merged;
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
  });
}

const NOTHING: Merged = { runs: 0, versions: [], renumbered: [], overtaken: [], units: 0 };

async function mergeEntries(
  services: Services,
  remote: OpenedRemote,
  { root, entries }: RemoteLog,
): Promise<Result<Merged, Failure>> {
  const { registry, artifacts, clock, surroundings } = services;
  if (root === undefined) return ok(NOTHING);
  const exchange = await registry.exchange();
  exchange.recordPlace(remote.place, root);
  if (entries.length === 0) return ok(NOTHING);
  const incoming = await fetchBundles(services, remote, entries);
  if (!incoming.ok) return incoming;
  const hashes = incoming.value.flatMap(({ bundle }) => [...bundle.objects.map(({ hash }) => hash), ...bundle.absent]);
  const here = artifacts.transfer.describe([...new Set(hashes)]);
  return exchange.merge({
    remote: root,
    entries: incoming.value,
    present: new Set(here.map(({ hash, kind }) => `${hash} ${kind}`)),
    at: clock.now(),
    actor: surroundings.actor(),
  });
}
