import { createHash } from 'node:crypto';
import {
  type Bundle,
  type Incoming,
  type LogEntry,
  NOTHING_TAKEN_IN,
  REMOTE_FORMAT,
  type ReadEntry,
  type RemoteAlias,
  type RemoteObject,
  type Standing,
  type Unit,
} from '../domain/exchange/exchange.js';
import type { Failure } from '../domain/failure.js';
import type { ContentHash } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import { mapInParallel } from '../domain/support/parallel.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { OBJECTS_AT_ONCE, type OpenedRemote } from './find-remote.js';
import { type Packed, readPacks } from './packs.js';
import { faultOfSignature } from './signatures.js';
import { formatOf, parseBundle, parseEntry, type WireFault } from './wire/parse.js';

/** The entries of a remote's log that this registry has not merged yet. */
export interface RemoteLog {
  /** Hash of the first entry. Absent if nothing was ever pushed. */
  readonly root?: string;
  readonly standing: Standing;
  readonly entries: readonly ReadEntry[];
  /** Texts of bundles that came with the entries. Not checked yet. */
  readonly bundles: ReadonlyMap<ContentHash, string>;
  /** The newest entry, and the aliases after it. */
  readonly last: { readonly number: number; readonly hash: string; readonly aliases: readonly RemoteAlias[] };
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Reads new entries and checks that each follows the previous one by hash. With `isNew` the location may have another history
 * than the known one. Fails with `integrity` if the log was rewritten.
 */
export async function readLog(
  services: Pick<Services, 'registry' | 'files' | 'processes' | 'surroundings' | 'signal'>,
  remote: OpenedRemote,
  isNew = false,
): Promise<Result<RemoteLog, Failure>> {
  const { store, url, place, trust } = remote;
  const exchange = await services.registry.exchange();
  const first = await store.entry(1);
  if (!first.ok) return first;
  const before = isNew ? undefined : exchange.rootAt(place);
  if (first.value === undefined)
    return before === undefined
      ? ok({ standing: NOTHING_TAKEN_IN, entries: [], bundles: new Map(), last: NOTHING_TAKEN_IN })
      : err(changed(url, 'the history that was there', 'nothing', UNMOUNTED));
  const root = sha256(first.value);
  if (before !== undefined && before !== root)
    return err(changed(url, `a history that begins with ${before}`, `one that begins with ${root}`, OTHER));
  const standing = exchange.standing(root);
  if (standing.number > 0) {
    const known = await store.entry(standing.number);
    if (!known.ok) return known;
    const hash = known.value === undefined ? 'nothing' : sha256(known.value);
    if (hash !== standing.hash)
      return err(changed(url, `entry ${standing.number} of the log: ${standing.hash}`, hash, REWRITTEN));
  }
  const packed = standing.number > 0 ? ok(NOT_PACKED) : await packedFrom(services, remote, first.value);
  if (!packed.ok) return packed;
  const loose = await store.entriesAfter(standing.number + packed.value.entries.length);
  if (!loose.ok) return loose;
  const entries: ReadEntry[] = [];
  let last: RemoteLog['last'] = standing;
  for (const text of [...packed.value.entries, ...loose.value]) {
    const parsed = readEntry(url, last.number + 1, text);
    if (!parsed.ok) return parsed;
    const entry = parsed.value;
    if (entry.number !== last.number + 1 || entry.previous !== last.hash)
      return err(changed(url, `entry ${last.number + 1} after ${last.hash}`, `entry ${entry.number}`, REWRITTEN));
    const fault = trust.signers === undefined ? undefined : await faultOfSignature(services, trust.signers, text);
    if (fault !== undefined)
      return err(changed(url, `entry ${entry.number} signed by one of ${trust.signers}`, fault, UNSIGNED));
    const hash = sha256(text);
    entries.push({ entry, hash });
    last = { number: entry.number, hash, aliases: entry.aliases };
  }
  return ok({ root, standing, entries, bundles: packed.value.bundles, last });
}

const NOT_PACKED: Packed = { entries: [], bundles: new Map() };

/**
 * The beginning of the log from packs. Its last entry must be the one that is in the log itself: each entry holds the hash of the
 * one before, so then all of them are. Packs that do not fit are left aside.
 */
async function packedFrom(
  services: Pick<Services, 'files'>,
  remote: OpenedRemote,
  first: string,
): Promise<Result<Packed, Failure>> {
  const packed = await readPacks(services, remote);
  const last = packed.ok ? packed.value.entries.at(-1) : undefined;
  if (!packed.ok || last === undefined) return packed;
  const known = await remote.store.entry(packed.value.entries.length);
  if (!known.ok) return known;
  return ok(known.value === last && packed.value.entries[0] === first ? packed.value : NOT_PACKED);
}

function readEntry(url: string, number: number, text: string): Result<LogEntry, Failure> {
  const format = formatOf(text);
  if (format.ok && format.value > REMOTE_FORMAT)
    return err({
      code: 'unsupported',
      what: `format ${format.value} of ${url}`,
      next: `a newer refit pushed there (this one knows ${REMOTE_FORMAT}): install that one here`,
    });
  const entry = parseEntry(text);
  return entry.ok ? entry : err(malformed(url, `entry ${number} of the log`, entry.error));
}

const malformed = (url: string, what: string, fault: WireFault): Failure => ({
  code: 'integrity',
  what: `${what} of ${url}`,
  expected: 'the form that refit writes',
  found: fault,
  next: REWRITTEN,
});

const UNSIGNED = 'nothing was merged; ask who pushed it. A history that began unsigned is signed from a new remote on';
const UNMOUNTED = 'is the share mounted? If its history was removed on purpose: refit push --new';
const OTHER = 'someone started another history there or changed this one; add --new to continue anyway';
const REWRITTEN = 'the remote was changed by hand or is damaged: nothing was merged; compare it with a backup';

const changed = (url: string, expected: string, found: string, next: string): Failure => ({
  code: 'integrity',
  what: `the log of ${url}`,
  expected,
  found,
  next,
});

/** Reads the bundles of the entries. Fails with `integrity` if one does not match its hash, its size or its form. */
export async function fetchBundles(
  services: Pick<Services, 'files'>,
  remote: OpenedRemote,
  { entries, bundles }: Pick<RemoteLog, 'entries' | 'bundles'>,
): Promise<Result<readonly Incoming[], Failure>> {
  const scratch = await services.files.makeScratch('pull');
  const named = new Map(
    entries.flatMap(({ entry }) => entry.bundles.map((one) => [one.hash, { ...one, number: entry.number }] as const)),
  );
  const fetched = await mapInParallel([...named.values()], OBJECTS_AT_ONCE, (one) =>
    bundleOf(services, remote, { ...one, scratch, packed: bundles.get(one.hash) }),
  );
  if (!fetched.ok) return fetched;
  const known = new Map(fetched.value);
  return ok(
    entries.map((read) => ({
      ...read,
      bundle: joined(read.entry.bundles.flatMap(({ hash }) => known.get(hash) ?? [])),
    })),
  );
}

interface WantedBundle extends Pick<LogEntry['bundles'][number], 'hash' | 'bytes'> {
  readonly number: number;
  readonly scratch: string;
  /** Its text, if a pack held it. */
  readonly packed?: string;
}

async function bundleOf(
  services: Pick<Services, 'files'>,
  remote: OpenedRemote,
  wanted: WantedBundle,
): Promise<Result<readonly [ContentHash, Bundle], Failure>> {
  const { hash, number, packed } = wanted;
  const what = `bundle ${hash.slice(0, 12)} of entry ${number}`;
  const text = packed === undefined ? await fetchBundle(services, remote, wanted, what) : ok(packed);
  if (!text.ok) return text;
  if (sha256(text.value) !== hash) return err(changed(remote.url, what, 'other bytes', REWRITTEN));
  const bundle = parseBundle(text.value);
  return bundle.ok ? ok([hash, bundle.value]) : err(malformed(remote.url, what, bundle.error));
}

async function fetchBundle(
  services: Pick<Services, 'files'>,
  { store, url }: OpenedRemote,
  { hash, bytes, scratch }: WantedBundle,
  what: string,
): Promise<Result<string, Failure>> {
  const path = `${scratch}/${hash}`;
  const got = await store.get(bundleName(hash), services.files.absolute(path), bytes);
  if (!got.ok) return got;
  if (!got.value) return err(changed(url, what, 'nothing', REWRITTEN));
  const text = await services.files.readText(path);
  if (text.ok) await services.files.remove(path);
  return text;
}

export const bundleName = (hash: ContentHash): string => `bundles/${hash.slice(0, 2)}/${hash.slice(2)}`;

const SUFFIXES = { file: '', folder: '.dir', listing: '.list' } as const;
export const objectName = ({ hash, kind }: Pick<RemoteObject, 'hash' | 'kind'>): string =>
  `objects/${hash.slice(0, 2)}/${hash.slice(2)}${SUFFIXES[kind]}`;

const joined = (bundles: readonly Bundle[]): Bundle => ({
  units: bundles.flatMap(({ units }) => units),
  objects: bundles.flatMap(({ objects }) => objects),
  absent: bundles.flatMap(({ absent }) => absent),
});

type BundleLine = { readonly unit: Unit } | { readonly object: RemoteObject } | { readonly absent: ContentHash };

/** A bundle is JSON lines, so that people and other programs can read it. */
const bundleLines = ({ units, objects, absent }: Bundle): readonly BundleLine[] => [
  ...units.map((unit) => ({ unit })),
  ...objects.map((object) => ({ object })),
  ...absent.map((hash) => ({ absent: hash })),
];

/** Maximum number of characters in one file of a bundle. */
const MOST_CHARACTERS = 32 * 2 ** 20;

/** Splits a bundle into the texts of its files. */
export function bundleTexts(bundle: Bundle): readonly string[] {
  const texts: string[] = [];
  let lines: string[] = [];
  let size = 0;
  for (const one of bundleLines(bundle)) {
    const text = `${JSON.stringify(one)}\n`;
    if (size > 0 && size + text.length > MOST_CHARACTERS) {
      texts.push(lines.join(''));
      [lines, size] = [[], 0];
    }
    lines.push(text);
    size += text.length;
  }
  return size === 0 ? texts : [...texts, lines.join('')];
}
