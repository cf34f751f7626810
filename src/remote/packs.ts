import { createHash } from 'node:crypto';
import type { LogEntry } from '../domain/exchange/exchange.js';
import type { Failure } from '../domain/failure.js';
import type { ContentHash } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import { mapInParallel } from '../domain/support/parallel.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { OBJECTS_AT_ONCE, type OpenedRemote } from './find-remote.js';
import { parseEntry, parsePackLine } from './wire/parse.js';

/**
 * A pack is a copy of neighbouring log entries with their bundles in one file, so that a first pull needs few requests. It is only a
 * shortcut: what it holds is checked by the hashes of the log like what it copies, and without it everything is still there.
 */
export interface Pack {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly hash: string;
}

/** Texts of entries in their order, and of bundles by their hash. */
export interface Packed {
  readonly entries: readonly string[];
  readonly bundles: ReadonlyMap<ContentHash, string>;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A larger history stays in several packs. */
const MOST_BYTES = 256 * 2 ** 20;
/** So many packs at most, if they are not too large to be joined. */
const MOST_PACKS = 3;
/** So many entries may be outside packs after a push. */
const MOST_LOOSE = 1;

const NAME = /^packs\/(\d{12})-(\d{12})-(\d{1,12})-([0-9a-f]{64})$/;

const nameOf = ({ from, to, bytes, hash }: Omit<Pack, 'name'>): string =>
  `packs/${String(from).padStart(12, '0')}-${String(to).padStart(12, '0')}-${bytes}-${hash}`;

/** The packs among the names of files at a remote. */
const packsIn = (names: readonly string[]): readonly Pack[] =>
  names.flatMap((name) => {
    const [, from, to, bytes, hash = ''] = NAME.exec(name) ?? [];
    const pack = { name, from: Number(from), to: Number(to), bytes: Number(bytes), hash };
    return from === undefined || pack.from < 1 || pack.to < pack.from || pack.bytes > MOST_BYTES ? [] : [pack];
  });

/** Packs that follow each other from entry 1 on, as few as possible. */
export function chainOf(packs: readonly Pack[]): readonly Pack[] {
  const chain: Pack[] = [];
  for (;;) {
    const next = (chain.at(-1)?.to ?? 0) + 1;
    const [longest] = packs.filter((one) => one.from === next).sort((a, b) => b.to - a.to);
    if (longest === undefined) return chain;
    chain.push(longest);
  }
}

type Dependencies = Pick<Services, 'files'>;

/** What packs hold from entry 1 on. Empty where there are none, or where the first one is damaged. */
export async function readPacks(services: Dependencies, remote: OpenedRemote): Promise<Result<Packed, Failure>> {
  const names = await remote.store.packs();
  if (!names.ok) return names;
  const read = await mapInParallel(chainOf(packsIn(names.value)), OBJECTS_AT_ONCE, (pack) =>
    readPack(services, remote, pack),
  );
  if (!read.ok) return read;
  const damaged = read.value.indexOf(undefined);
  const good = read.value.slice(0, damaged < 0 ? undefined : damaged).flatMap((one) => one ?? []);
  return ok({
    entries: good.flatMap(({ entries }) => entries),
    bundles: new Map(good.flatMap(({ bundles }) => [...bundles])),
  });
}

/** `undefined`: it is gone, or it does not hold what its name says. */
async function readPack(
  services: Dependencies,
  { store }: OpenedRemote,
  pack: Pack,
): Promise<Result<Packed | undefined, Failure>> {
  const path = `${await services.files.makeScratch('pack')}/${pack.hash}`;
  const got = await store.get(pack.name, services.files.absolute(path), pack.bytes);
  if (!got.ok) return got.error.code === 'integrity' ? ok(undefined) : got;
  if (!got.value) return ok(undefined);
  const text = await services.files.readText(path);
  if (!text.ok) return text;
  await services.files.remove(path);
  return ok(sha256(text.value) === pack.hash ? parsePack(text.value, pack) : undefined);
}

function parsePack(text: string, { from, to }: Pack): Packed | undefined {
  const entries: string[] = [];
  const bundles = new Map<ContentHash, string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const parsed = parsePackLine(line);
    if (!parsed.ok) return undefined;
    if ('entry' in parsed.value) entries.push(parsed.value.entry);
    else bundles.set(sha256(parsed.value.bundle) as ContentHash, parsed.value.bundle);
  }
  return entries.length === to - from + 1 ? { entries, bundles } : undefined;
}

/**
 * Packs the entries up to the given one, if more than one is outside. Small packs are joined with the new one, so that few
 * remain and each entry is copied a few times only. The joined packs are removed.
 */
export async function compactLog(
  services: Dependencies,
  remote: OpenedRemote,
  last: number,
): Promise<Result<void, Failure>> {
  if (last < MOST_PACKS) return ok(undefined);
  const names = await remote.store.packs();
  if (!names.ok) return names;
  const packs = packsIn(names.value);
  const chain = [...chainOf(packs)];
  const first = (chain.at(-1)?.to ?? 0) + 1;
  if (last - first + 1 <= MOST_LOOSE) return ok(undefined);
  const loose = await readLoose(services, remote, first, last);
  if (!loose.ok) return loose;
  let made = packOf(loose.value, first, last);
  for (let before = chain.at(-1); before !== undefined && isJoined(chain, before, made); before = chain.at(-1)) {
    const older = await readPack(services, remote, before);
    if (!older.ok) return older;
    // Another machine is joining it now: it stays as it is.
    if (older.value === undefined) break;
    chain.pop();
    made = packOf(joined(older.value, made.packed), before.from, last);
  }
  if (made.pack.bytes > MOST_BYTES) return ok(undefined);
  const put = await putPack(services, remote, made);
  if (!put.ok) return put;
  const within = packs.filter((one) => one.from >= made.pack.from && one.to <= last && one.name !== made.pack.name);
  for (const one of within) {
    const dropped = await remote.store.drop(one.name);
    if (!dropped.ok) return dropped;
  }
  return ok(undefined);
}

const isJoined = (chain: readonly Pack[], before: Pack, made: Made): boolean =>
  before.bytes + made.pack.bytes <= MOST_BYTES && (chain.length >= MOST_PACKS || before.bytes <= 2 * made.pack.bytes);

const joined = (before: Packed, after: Packed): Packed => ({
  entries: [...before.entries, ...after.entries],
  bundles: new Map([...before.bundles, ...after.bundles]),
});

interface Made {
  readonly packed: Packed;
  readonly text: string;
  readonly pack: Pack;
}

function packOf(packed: Packed, from: number, to: number): Made {
  const lines = [
    ...packed.entries.map((entry) => JSON.stringify({ entry })),
    ...[...packed.bundles.values()].map((bundle) => JSON.stringify({ bundle })),
  ];
  const text = `${lines.join('\n')}\n`;
  const pack = { from, to, bytes: Buffer.byteLength(text), hash: sha256(text) };
  return { packed, text, pack: { ...pack, name: nameOf(pack) } };
}

async function putPack(
  services: Dependencies,
  { store }: OpenedRemote,
  { text, pack }: Made,
): Promise<Result<void, Failure>> {
  const path = `${await services.files.makeScratch('pack')}/${pack.hash}`;
  const written = await services.files.writeText(path, text);
  if (!written.ok) return written;
  const file = { path: services.files.absolute(path), size: pack.bytes, hash: pack.hash as ContentHash };
  return store.put(pack.name, file);
}

/** Entries outside packs, with their bundles, as they lie at the remote. */
async function readLoose(
  services: Dependencies,
  remote: OpenedRemote,
  first: number,
  last: number,
): Promise<Result<Packed, Failure>> {
  const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const texts = await mapInParallel(numbers, OBJECTS_AT_ONCE, async (number): Promise<Result<string, Failure>> => {
    const text = await remote.store.entry(number);
    if (!text.ok) return text;
    return text.value === undefined ? err(gone(remote, `entry ${number}`)) : ok(text.value);
  });
  if (!texts.ok) return texts;
  const wanted: LogEntry['bundles'][number][] = [];
  for (const text of texts.value) {
    const entry = parseEntry(text);
    if (!entry.ok) return err(gone(remote, 'a readable entry'));
    wanted.push(...entry.value.bundles);
  }
  const scratch = await services.files.makeScratch('pack');
  const distinct = [...new Map(wanted.map((one) => [one.hash, one])).values()];
  const bundles = await mapInParallel(
    distinct,
    OBJECTS_AT_ONCE,
    async ({ hash, bytes }): Promise<Result<readonly [ContentHash, string], Failure>> => {
      const path = `${scratch}/${hash}`;
      const got = await remote.store.get(
        `bundles/${hash.slice(0, 2)}/${hash.slice(2)}`,
        services.files.absolute(path),
        bytes,
      );
      if (!got.ok) return got;
      if (!got.value) return err(gone(remote, `bundle ${hash.slice(0, 12)}`));
      const text = await services.files.readText(path);
      return text.ok ? ok([hash, text.value]) : text;
    },
  );
  return bundles.ok ? ok({ entries: texts.value, bundles: new Map(bundles.value) }) : bundles;
}

const gone = ({ url }: OpenedRemote, what: string): Failure => ({
  code: 'integrity',
  what: `the log of ${url}`,
  expected: what,
  found: 'nothing',
  next: 'the remote was changed by hand or is damaged: compare it with a backup',
});
