import { createHash } from 'node:crypto';
import {
  type ConfiguredRemote,
  parseRemoteUrl,
  type RemoteTarget,
  type RemoteTrust,
  remoteUrl,
} from '../domain/exchange/remote.js';
import type { Failure } from '../domain/failure.js';
import type { RemoteStore } from '../domain/ports/remotes.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { loadWorkspaceSettings } from '../pipeline/workspace-settings.js';

/** A remote as given on the command line: a name in `refit.yaml`, a URL, or a path. */
export interface NamedRemote {
  readonly text: string;
  /** The argument as an absolute path, resolved from the current directory. */
  readonly path: string;
}

/** Objects that are sent or fetched at a time: enough to keep the line to a remote full. */
export const OBJECTS_AT_ONCE = 8;

export interface OpenedRemote {
  readonly store: RemoteStore;
  readonly url: string;
  readonly trust: RemoteTrust;
  /** Key of the location in the registry, without a path of this machine. */
  readonly place: string;
}

/** Opens the remote. `isMade` creates a missing folder, which a push needs and a pull must not do. */
export async function findRemote(
  services: Services,
  named: NamedRemote,
  { isMade = false }: { readonly isMade?: boolean } = {},
): Promise<Result<OpenedRemote, Failure>> {
  const settings = await loadWorkspaceSettings(services);
  if (!settings.ok) return settings;
  const { remotes } = settings.value;
  const target = remotes[named.text] ?? targetOf(named);
  if (target === undefined)
    return err({
      code: 'not-found',
      what: 'remote',
      name: named.text,
      available: Object.keys(remotes).sort(),
      next: 'name one under "remotes" in refit.yaml, or give a folder (./path, /path) or a bucket (s3://bucket/prefix)',
    });
  const opened = await services.openRemote(target, { isMade });
  if (!opened.ok) return opened;
  const url = remoteUrl(target);
  const trust = await trustIn(services, Object.values(remotes), target, opened.value.location);
  const key = `${url} ${target.kind === 's3' ? (target.endpoint ?? '') : ''}`;
  return ok({ store: opened.value, url, trust, place: createHash('sha256').update(key).digest('hex').slice(0, 16) });
}

/** The signers of the remote at this place: they count however the command line names it. */
async function trustIn(
  services: Services,
  remotes: readonly ConfiguredRemote[],
  target: RemoteTarget & RemoteTrust,
  location: string,
): Promise<RemoteTrust> {
  for (const one of remotes) {
    if (one.signers === undefined) continue;
    const opened = await services.openRemote(one);
    if (opened.ok && opened.value.location === location) return one;
  }
  return target;
}

/** A word that is neither a URL nor looks like a path is a name in `refit.yaml`. */
function targetOf({ text, path }: NamedRemote): RemoteTarget | undefined {
  if (text.includes('://')) return parseRemoteUrl(text);
  return /^\.{0,2}[/\\]|[/\\]|^\.{1,2}$/.test(text) ? { kind: 'folder', path } : undefined;
}
