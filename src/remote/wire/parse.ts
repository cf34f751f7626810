import { z } from 'zod';
import type { Bundle, LogEntry, RemoteObject, Unit } from '../../domain/exchange/exchange.js';
import type { ContentHash } from '../../domain/ids.js';
import { LEDGER_KINDS } from '../../domain/models/ledger.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { FACTS, moveRow } from './facts.js';
import { runRow } from './run.js';
import { count, hash, json, jsonOf, name, number, runId, text, time } from './values.js';
import { withoutSql } from './without-sql.js';

/** Why something from a remote is not what it should be: the place in it and the fault. */
export type WireFault = string;

const unitOf = <K extends string, R extends z.ZodType>(kind: K, row: R) =>
  z.strictObject({ kind: z.literal(kind), key: z.string().max(10_000), row });

const moveUnit = unitOf('alias_move', moveRow);
const ROWS: Readonly<Record<string, z.ZodType>> = { ...FACTS, run: runRow };
const UNITS = new Map(Object.entries(ROWS).map(([kind, row]) => [kind, unitOf(kind, row)]));

/** Far more than the largest bundle that refit writes, and less than the longest string. */
const MOST_BUNDLE_BYTES = 256 * 2 ** 20;

const numberedVersion = z.strictObject({ model: name, run: runId, at: time, version: number });
const ledgerText = json(
  z.looseObject({
    sequence: number,
    kind: z.enum(LEDGER_KINDS),
    model: name,
    at: time,
    actor: text,
    alias: name.optional(),
    generation: number.optional(),
    to: number.optional(),
    from: number.nullish(),
    hash: hash.optional(),
  }),
);

/** Named in the entry before it is used for anything, so that a newer format is told as such. */
const versioned = z.looseObject({ format: z.int().min(1).max(1_000_000) });

const entry = z.strictObject({
  format: z.literal(1),
  number,
  previous: hash,
  at: time,
  actor: text,
  bundles: z.array(z.strictObject({ hash, bytes: count.max(MOST_BUNDLE_BYTES) })).max(100_000),
  versions: z.array(numberedVersion),
  moves: z.array(moveUnit),
  ledger: z.array(z.strictObject({ text: ledgerText, hash })),
  aliases: z.array(z.strictObject({ model: name, alias: name, generation: number, run: runId, version: number, hash })),
  signature: z.string().max(20_000).optional(),
});

const remoteObject = z.strictObject({
  hash,
  kind: z.enum(['file', 'folder', 'listing']),
  size: count,
  isExecutable: z.boolean(),
});

/** The format that the text of an entry declares. */
export function formatOf(source: string): Result<number, WireFault> {
  const parsed = jsonOf(source);
  if (parsed === undefined) return err('not JSON');
  const checked = versioned.safeParse(parsed.value);
  return checked.success ? ok(checked.data.format) : err(faultOf(checked.error));
}

/** Parses the text of a log entry. Every field has its form, or nothing of it is used. */
export function parseEntry(source: string): Result<LogEntry, WireFault> {
  const parsed = jsonOf(source);
  if (parsed === undefined) return err('not JSON');
  const checked = entry.safeParse(parsed.value);
  return checked.success ? ok(checked.data as unknown as LogEntry) : err(faultOf(checked.error));
}

/** Parses a bundle: JSON lines, each a fact, an object, or the hash of an object that nobody has any more. */
export function parseBundle(source: string): Result<Bundle, WireFault> {
  const units: Unit[] = [];
  const objects: RemoteObject[] = [];
  const absent: ContentHash[] = [];
  for (const [i, line] of source.split('\n').entries()) {
    if (line === '') continue;
    const parsed = parseLine(line);
    if (!parsed.ok) return err(`line ${i + 1}: ${parsed.error}`);
    if ('unit' in parsed.value) units.push(parsed.value.unit);
    else if ('object' in parsed.value) objects.push(parsed.value.object);
    else absent.push(parsed.value.absent);
  }
  return ok({ units, objects, absent });
}

type Line = { readonly unit: Unit } | { readonly object: RemoteObject } | { readonly absent: ContentHash };

const anyLine = z.union([
  z.strictObject({ unit: z.looseObject({ kind: z.string() }) }),
  z.strictObject({ object: remoteObject }),
  z.strictObject({ absent: hash }),
]);

function parseLine(line: string): Result<Line, WireFault> {
  const parsed = jsonOf(line);
  if (parsed === undefined) return err('not JSON');
  const checked = anyLine.safeParse(parsed.value);
  if (!checked.success) return err(faultOf(checked.error));
  if (!('unit' in checked.data)) return ok(checked.data as unknown as Line);
  const form = UNITS.get(checked.data.unit.kind);
  if (form === undefined) return err(`a fact of kind ${JSON.stringify(checked.data.unit.kind.slice(0, 60))}`);
  const unit = form.safeParse(checked.data.unit);
  return unit.success ? ok({ unit: withoutSql(unit.data as unknown as Unit) }) : err(faultOf(unit.error));
}

const packLine = z.union([
  z.strictObject({ entry: z.string().max(MOST_BUNDLE_BYTES) }),
  z.strictObject({ bundle: z.string().max(MOST_BUNDLE_BYTES) }),
]);

/** Parses a line of a pack: the text of an entry or of a bundle, which are parsed by their own forms afterwards. */
export function parsePackLine(
  line: string,
): Result<{ readonly entry: string } | { readonly bundle: string }, WireFault> {
  const parsed = jsonOf(line);
  if (parsed === undefined) return err('not JSON');
  const checked = packLine.safeParse(parsed.value);
  return checked.success ? ok(checked.data) : err(faultOf(checked.error));
}

/** The first fault in words, with its place. */
function faultOf({ issues }: z.ZodError): WireFault {
  const [first] = issues;
  if (first === undefined) return 'not as it should be';
  const place = first.path.map(String).join('.').slice(0, 200);
  return `${place === '' ? '' : `${place}: `}${first.message.slice(0, 300)}`;
}
