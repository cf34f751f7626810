import {
  type Bundle,
  type LogEntry,
  type LostMove,
  type Outgoing,
  REMOTE_FORMAT,
  type RemoteAlias,
  type RemoteObject,
  type Unit,
  type VersionNumber,
} from '../domain/exchange/exchange.js';
import type { Failure } from '../domain/failure.js';
import type { ContentHash, ModelName } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import { mapInParallel } from '../domain/support/parallel.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { toIso } from '../domain/support/time.js';
import { storedVersions } from '../serving/publish/ensure-stored.js';
import { refuseRewound } from '../serving/rewound-registry.js';
import { isServingBehind } from '../serving/serve-all.js';
import { findRemote, type NamedRemote, OBJECTS_AT_ONCE, type OpenedRemote } from './find-remote.js';
import { holdEvery, holdExchange } from './hold-every.js';
import { compactLog } from './packs.js';
import { type Pulled, takeIn } from './pull.js';
import { bundleName, bundleTexts, fetchBundles, objectName, type RemoteLog, readLog, sha256 } from './remote-log.js';
import { signedText } from './signatures.js';
import { parseBundle, parseEntry } from './wire/parse.js';

export interface PushOptions {
  /** Also checks and sends objects that the remote should have already. */
  readonly isAll: boolean;
  /** Accept that the location lost its known history or has another one. */
  readonly isNew: boolean;
  readonly waitMs?: number;
}

export interface Pushed {
  readonly url: string;
  /** Number of the log entry. Absent if the remote had everything already. */
  readonly entry?: number;
  readonly runs: number;
  readonly versions: readonly VersionNumber[];
  readonly objects: Sent;
  /** Current aliases at the remote. */
  readonly aliases: readonly RemoteAlias[];
  /** Local alias moves that another machine's moves overtook. They are not at the remote. */
  readonly lost: readonly LostMove[];
  /** What others had pushed in the meantime, which was merged first, or what a killed command had merged and not served. */
  readonly pulled?: Pulled;
}

interface Sent {
  readonly sent: number;
  readonly bytes: number;
  /** Number of objects that the remote had already. */
  readonly present: number;
}

/**
 * Sends a remote everything that it does not have. Includes the champion, unless another machine pushed a different one first.
 * Fails if the remote is unreachable or damaged.
 */
export async function push(
  services: Services,
  named: NamedRemote,
  options: PushOptions,
): Promise<Result<Pushed, Failure>> {
  const current = await refuseRewound(services);
  if (!current.ok) return current;
  const remote = await findRemote(services, named, { isMade: true });
  if (!remote.ok) return remote;
  return holdExchange(services, options.waitMs, () => pushTo(services, remote.value, options));
}

async function pushTo(
  services: Services,
  remote: OpenedRemote,
  options: PushOptions,
): Promise<Result<Pushed, Failure>> {
  let pulled: Pulled | undefined;
  while (!services.signal.aborted) {
    const log = await readLog(services, remote, options.isNew);
    if (!log.ok) return log;
    const lost = await lostMoves(services, log.value);
    const isNews = log.value.entries.length > 0;
    // A push or pull that was killed may have merged what others pushed without serving it.
    const isUnfinished =
      !isNews && pulled === undefined && log.value.standing.number > 0 && (await isServingBehind(services));
    if ((isNews && lost.length === 0) || isUnfinished) {
      const taken = await takeIn(services, remote, log.value, { isAll: false, waitMs: options.waitMs });
      if (!taken.ok) return taken;
      pulled = taken.value;
      // Another machine may have pushed during the merge, so try again.
      continue;
    }
    const done = await pushOnto(services, remote, { log: log.value, lost, options });
    if (!done.ok) return done;
    if (done.value !== 'taken') return ok({ ...done.value, ...(pulled === undefined ? {} : { pulled }) });
  }
  return err({ code: 'remote-unreachable', remote: remote.url, reason: 'interrupted' });
}

const lostMoves = async ({ registry }: Services, { root, entries }: RemoteLog): Promise<readonly LostMove[]> =>
  root === undefined || entries.length === 0 ? [] : (await registry.exchange()).lostTo(root, entries);

interface Onto {
  readonly log: RemoteLog;
  readonly lost: readonly LostMove[];
  readonly options: PushOptions;
}

/** What a push sends, as the registry had it at one moment. Pipelines that go on later change nothing of it. */
interface Collected {
  readonly outgoing: Outgoing;
  readonly bundle: Bundle;
  /** Local aliases at that moment. */
  readonly aliases: readonly RemoteAlias[];
  readonly objects: readonly RemoteObject[];
}

async function collect(
  services: Services,
  { log, lost, options }: Onto,
  unmerged: readonly Unit[],
): Promise<Result<Collected, Failure>> {
  const exchange = await services.registry.exchange();
  const outgoing = exchange.outgoing(log.root, { withLedger: lost.length === 0, unmerged });
  const bundle = await describe(services, outgoing);
  const objects = options.isAll ? [...bundle.objects, ...(await everything(services))] : bundle.objects;
  return ok({ outgoing, bundle, aliases: exchange.aliases(), objects });
}

/** Sends objects, then bundles, then the log entry. The entry is a compare-and-set; before it nothing of the push is visible. */
async function pushOnto(
  services: Services,
  remote: OpenedRemote,
  onto: Onto,
): Promise<Result<Pushed | 'taken', Failure>> {
  const { log, lost } = onto;
  const exchange = await services.registry.exchange();
  const isWinning = lost.length === 0;
  // Entries that are not merged may hold facts of this machine: of a push that was killed, of a copy of this workspace, or of
  // the registry that a backup replaced.
  const incoming = await fetchBundles(services, remote, log);
  if (!incoming.ok) return incoming;
  const unmerged = incoming.value.flatMap(({ bundle }) => bundle.units);
  const collected = await holdEvery(services, onto.options.waitMs, () => collect(services, onto, unmerged));
  if (!collected.ok) return collected;
  const { outgoing, bundle, aliases, objects } = collected.value;
  const servable = await aliasWithoutBytes(services, remote, collected.value);
  if (!servable.ok) return servable;
  const sent = await sendObjects(services, remote, objects);
  if (!sent.ok) return sent;
  const base = { url: remote.url, runs: outgoing.runs, objects: sent.value, lost };
  if (outgoing.units.length + outgoing.ledger.length === 0)
    return ok({ ...base, versions: [], aliases: log.last.aliases });
  const bundles = await sendBundle(services, remote, bundle);
  if (!bundles.ok) return bundles;
  const settled = log.entries.flatMap(({ entry }) => entry.versions);
  const versions = exchange.settle(outgoing.versions, settled);
  const entry: LogEntry = {
    format: REMOTE_FORMAT,
    number: log.last.number + 1,
    previous: log.last.hash,
    at: toIso(services.clock.now()),
    actor: services.surroundings.actor(),
    bundles: bundles.value,
    versions,
    moves: outgoing.moves,
    ledger: outgoing.ledger,
    aliases: isWinning ? aliases : log.last.aliases,
  };
  const signed = await signedText(services, remote.trust, entry);
  if (!signed.ok) return signed;
  const text = signed.value;
  const fault = parseEntry(text);
  if (!fault.ok) return err(unsendable(fault.error));
  const appended = await remote.store.append(entry.number, text);
  if (!appended.ok) return appended;
  if (appended.value === 'taken') return ok('taken');
  const hash = sha256(text);
  const root = log.root ?? hash;
  const units = [...outgoing.units, ...outgoing.moves];
  // After a lost push its entry still has to be merged, with those before it. Until then the log says what it sent.
  if (isWinning) exchange.recordSent({ root, place: remote.place, units, taken: { entry, hash } });
  else exchange.recordPlace(remote.place, root);
  await compact(services, remote, entry.number);
  return ok({ ...base, entry: entry.number, versions, aliases: entry.aliases });
}

/** The push is done whatever becomes of this: packs only save requests. */
async function compact(services: Services, remote: OpenedRemote, last: number): Promise<void> {
  const done = await compactLog(services, remote, last);
  if (done.ok) return;
  const text = `everything was pushed, but the log at ${remote.url} could not be packed (${done.error.code}): a first pull takes longer; the next push tries again`;
  services.emit({ type: 'warning', code: 'log-not-packed', text });
}

/** Bundles facts with the objects they refer to, including files of folders, and lists objects that no longer exist. */
async function describe({ artifacts, registry }: Services, outgoing: Outgoing): Promise<Bundle> {
  const objects = await withMembers(
    artifacts,
    // A champion may be older than what the remote lacks: without its bytes no other machine can serve it.
    artifacts.transfer.describe([...new Set([...outgoing.hashes, ...outgoing.reads, ...championsIn(outgoing)])]),
  );
  const here = new Set(objects.map(({ hash }) => hash));
  const exchange = await registry.exchange();
  const elsewhere = new Set(exchange.elsewhere().map(({ hash }) => hash));
  const absent = outgoing.hashes.filter((hash) => !here.has(hash) && !elsewhere.has(hash));
  return { units: outgoing.units, objects, absent };
}

const championsIn = ({ moves }: Outgoing): readonly ContentHash[] =>
  moves.map(({ row }) => String(row.to_hash) as ContentHash);

/** The alias that a push would move to a version whose bytes are neither here nor at the remote. */
async function aliasWithoutBytes(
  services: Services,
  { store, url }: OpenedRemote,
  { outgoing, aliases }: Collected,
): Promise<Result<void, Failure>> {
  for (const { model, alias, version, hash } of aliases) {
    const move = outgoing.moves.find(({ row }) => row.model === model && row.alias === alias && row.to_hash === hash);
    if (move === undefined || move.row.trigger_kind === 'imported') continue;
    if (await services.artifacts.has(hash as ContentHash)) continue;
    let isThere = false;
    for (const kind of ['file', 'folder'] as const) {
      const there = await store.sizeOf(objectName({ hash: hash as ContentHash, kind }));
      if (!there.ok) return there;
      if (there.value !== undefined) isThere = true;
    }
    if (isThere) continue;
    return err({
      code: 'integrity',
      what: `the bytes of ${model}@${version}, which is ${alias}`,
      expected: hash,
      found: `nothing, here or at ${url}`,
      next: await waysToServe(services, model as ModelName, `${model}@${version}`),
    });
  }
  return ok(undefined);
}

/** What to type so that the champion has bytes. Nothing is pushed without: the ledger is one chain, and it has the move. */
async function waysToServe(services: Services, model: ModelName, lost: string): Promise<string> {
  const [other] = await storedVersions(services, { model });
  const second =
    other === undefined
      ? `no version of ${model} that served has its bytes here, so else train one, and promote it`
      : `else serve one whose bytes are here: refit promote ${other} --reason "…"`;
  return `nothing was pushed, no run either, because no machine could serve it. refit promote ${lost} --reason "…" stores them again if a published folder has them; ${second}; then push again`;
}

async function withMembers(
  artifacts: Services['artifacts'],
  objects: readonly RemoteObject[],
): Promise<readonly RemoteObject[]> {
  const members: ContentHash[] = [];
  for (const { hash, kind } of objects)
    if (kind === 'folder') for (const member of (await artifacts.members(hash)) ?? []) members.push(member.hash);
  const files = artifacts.transfer.describe([...new Set(members)]).filter(({ kind }) => kind === 'file');
  return [...new Map([...objects, ...files].map((object) => [objectName(object), object])).values()];
}

const everything = ({ artifacts, registry }: Services): Promise<readonly RemoteObject[]> =>
  withMembers(
    artifacts,
    artifacts.transfer.describe([...new Set(registry.upkeep.references().map(({ hash }) => hash))]),
  );

async function sendObjects(
  services: Services,
  { store, url }: OpenedRemote,
  objects: readonly RemoteObject[],
): Promise<Result<Sent, Failure>> {
  if (objects.length > 0) services.emit({ type: 'phase', text: `sending ${objects.length} objects to ${url}` });
  // Folder lists last, so that every folder at the remote is complete.
  const ordered = [...objects].sort((a, b) => Number(a.kind === 'folder') - Number(b.kind === 'folder'));
  const files = ordered.filter(({ kind }) => kind !== 'folder');
  const sent: { bytes: number }[] = [];
  for (const some of [files, ordered.filter(({ kind }) => kind === 'folder')]) {
    const done = await mapInParallel(some, OBJECTS_AT_ONCE, async (object): Promise<Result<void, Failure>> => {
      if (services.signal.aborted) return err({ code: 'remote-unreachable', remote: url, reason: 'interrupted' });
      const there = await store.sizeOf(objectName(object));
      if (!there.ok) return there;
      if (there.value === object.size) return ok(undefined);
      sent.push({ bytes: object.size });
      const path = services.artifacts.transfer.place(object);
      return store.put(objectName(object), { path, size: object.size, hash: object.hash });
    });
    if (!done.ok) return done;
  }
  const bytes = sent.reduce((sum, one) => sum + one.bytes, 0);
  return ok({ sent: sent.length, bytes, present: objects.length - sent.length });
}

/** Others would refuse it, and an entry cannot be taken back. */
const unsendable = (fault: string): Failure => ({
  code: 'integrity',
  what: 'what this registry would push',
  expected: 'facts in the form that refit writes',
  found: fault,
  next: 'nothing was pushed; "refit verify" lists what is damaged',
});

async function sendBundle(
  { files }: Services,
  { store }: OpenedRemote,
  bundle: Bundle,
): Promise<Result<LogEntry['bundles'], Failure>> {
  const scratch = await files.makeScratch('push');
  const sent: LogEntry['bundles'][number][] = [];
  for (const text of bundleTexts(bundle)) {
    const read = parseBundle(text);
    if (!read.ok) return err(unsendable(read.error));
    const hash = sha256(text) as ContentHash;
    const bytes = Buffer.byteLength(text);
    const path = `${scratch}/${hash}`;
    await files.writeScratch(path, text);
    const put = await store.put(bundleName(hash), { path: files.absolute(path), size: bytes, hash });
    if (!put.ok) return put;
    sent.push({ hash, bytes });
  }
  return ok(sent);
}
