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

/** The entries of a remote's log that this registry has not merged yet. */
export interface RemoteLog {
  /** Hash of the first entry. Absent if nothing was ever pushed. */
  readonly root?: string;
  readonly standing: Standing;
  readonly entries: readonly ReadEntry[];
  /** The newest entry, and the aliases after it. */
  readonly last: { readonly number: number; readonly hash: string; readonly aliases: readonly RemoteAlias[] };
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Reads new entries and checks that each follows the previous one by hash. With `isNew` the location may have another history
 * than the known one. Fails with `integrity` if the log was rewritten.
 */
export async function readLog(
  { registry }: Pick<Services, 'registry'>,
  { store, url, place }: OpenedRemote,
  isNew = false,
): Promise<Result<RemoteLog, Failure>> {
  const exchange = await registry.exchange();
  const first = await store.entry(1);
  if (!first.ok) return first;
  const before = isNew ? undefined : exchange.rootAt(place);
  if (first.value === undefined)
    return before === undefined
      ? ok({ standing: NOTHING_TAKEN_IN, entries: [], last: NOTHING_TAKEN_IN })
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
  const texts = await store.entriesAfter(standing.number);
  if (!texts.ok) return texts;
  const entries: ReadEntry[] = [];
  let last: RemoteLog['last'] = standing;
  for (const text of texts.value) {
    const entry = JSON.parse(text) as LogEntry;
    if (entry.format > REMOTE_FORMAT)
      return err({
        code: 'unsupported',
        what: `format ${entry.format} of ${url}`,
        next: `a newer refit pushed there (this one knows ${REMOTE_FORMAT}): install that one here`,
      });
    if (entry.number !== last.number + 1 || entry.previous !== last.hash)
      return err(changed(url, `entry ${last.number + 1} after ${last.hash}`, `entry ${entry.number}`, REWRITTEN));
    const hash = sha256(text);
    entries.push({ entry, hash });
    last = { number: entry.number, hash, aliases: entry.aliases };
  }
  return ok({ root, standing, entries, last });
}

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

/** Reads the bundles of the entries. Fails with `integrity` if one does not match its hash. */
export async function fetchBundles(
  services: Pick<Services, 'files'>,
  { store, url }: OpenedRemote,
  entries: readonly ReadEntry[],
): Promise<Result<readonly Incoming[], Failure>> {
  const scratch = await services.files.makeScratch('pull');
  const hashes = [...new Set(entries.flatMap(({ entry }) => entry.bundles.map(({ hash }) => hash)))];
  const fetched = await mapInParallel(
    hashes,
    OBJECTS_AT_ONCE,
    async (hash): Promise<Result<readonly [ContentHash, Bundle], Failure>> => {
      const path = `${scratch}/${hash}`;
      const got = await store.get(bundleName(hash), services.files.absolute(path));
      if (!got.ok) return got;
      const text = got.value ? await services.files.readText(path) : ok('');
      if (!text.ok) return text;
      if (sha256(text.value) !== hash)
        return err(changed(url, `bundle ${hash}`, got.value ? 'other bytes' : 'nothing', REWRITTEN));
      await services.files.remove(path);
      return ok([hash, parseBundle(text.value)]);
    },
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

function parseBundle(text: string): Bundle {
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as BundleLine);
  return {
    units: lines.flatMap((line) => ('unit' in line ? [line.unit] : [])),
    objects: lines.flatMap((line) => ('object' in line ? [line.object] : [])),
    absent: lines.flatMap((line) => ('absent' in line ? [line.absent] : [])),
  };
}
