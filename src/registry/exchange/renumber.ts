import { jsonKey, type Renumbered, type VersionNumber } from '../../domain/exchange/exchange.js';
import type { Codec } from './codec.js';
import { NUMBERED, NUMBERED_BY_PIPELINE } from './tables.js';

/** Offset beyond any number in use, so that two versions can swap numbers. */
const APART = 1_000_000_000;

const versionKey = ({ model, run, at }: VersionNumber): string => jsonKey([model, run, at]);

/**
 * The number that a log assigned to each version first, by the key of the version's fact. Later entries cannot change it: an
 * older refit, killed after its push, sent versions a second time under other numbers.
 */
export const firstNumbers = (settled: readonly VersionNumber[]): ReadonlyMap<string, number> =>
  new Map(settled.toReversed().map((one) => [versionKey(one), one.version]));

/**
 * Local versions that get another number: the one that the log assigned to them, or the next free one if the log assigned
 * their number to a version of another run. `isMerged`: earlier entries of the log assigned its number.
 */
export function planRenumbering(
  { statement }: Codec,
  settled: readonly VersionNumber[],
  isMerged: (version: VersionNumber) => boolean,
): readonly Renumbered[] {
  const numbers = firstNumbers(settled);
  return [...new Set(settled.map((one) => one.model))].flatMap((model): readonly Renumbered[] => {
    const here = versionsOf(statement, model);
    const known = new Set(here.map(versionKey));
    const others = settled.filter((one) => one.model === model && !known.has(versionKey(one)));
    const taken = new Set(others.flatMap((one) => numbers.get(versionKey(one)) ?? []));
    const fixed = new Map<VersionNumber, number>();
    for (const one of here) {
      const first = numbers.get(versionKey(one));
      // Older refits recorded a version as sent before it had the number that the log gave it.
      const keeps = isMerged(one) && (first === undefined || !taken.has(one.version));
      const number = keeps ? one.version : first;
      if (number === undefined) continue;
      fixed.set(one, number);
      taken.add(number);
    }
    let next = Math.max(0, ...taken, ...here.map((one) => one.version));
    return here.flatMap((one): readonly Renumbered[] => {
      const version = fixed.get(one) ?? (taken.has(one.version) ? ++next : one.version);
      return version === one.version ? [] : [{ model, run: one.run, former: one.version, version }];
    });
  });
}

/** Local versions of a model, ordered by number. */
export const versionsOf = (statement: Codec['statement'], model: string): readonly VersionNumber[] =>
  statement('SELECT run, registered_at, version FROM model_version WHERE model = ? ORDER BY version')
    .all(model)
    .map((row) => ({ model, run: String(row.run), at: String(row.registered_at), version: Number(row.version) }));

/** Numbers for versions in a push that did not merge others' entries first: a taken number becomes the next free one. */
export function settleNumbers(
  versions: readonly VersionNumber[],
  settled: readonly VersionNumber[],
  here: (model: string) => readonly VersionNumber[],
): readonly VersionNumber[] {
  const taken = new Map<string, Set<number>>();
  return versions.map((one) => {
    let used = taken.get(one.model);
    if (used === undefined) {
      const unsent = new Set(versions.map(versionKey));
      const others = here(one.model).filter((other) => !unsent.has(versionKey(other)));
      used = new Set([...settled.filter(({ model }) => model === one.model), ...others].map(({ version }) => version));
      taken.set(one.model, used);
    }
    const version = used.has(one.version) ? Math.max(one.version, ...used) + 1 : one.version;
    used.add(version);
    return { ...one, version };
  });
}

/** Renumbers versions in every table. The caller has disabled the history triggers and deferred foreign keys. */
export function renumber({ statement }: Codec, changes: readonly Renumbered[], at: string): void {
  for (const far of [0, APART])
    for (const { model, run, former, version } of changes) {
      const [from, to] = far === 0 ? [former, version + APART] : [version + APART, version];
      statement('UPDATE model_version SET version = ? WHERE model = ? AND version = ?').run(to, model, from);
      for (const { table, columns } of NUMBERED)
        for (const column of columns)
          statement(`UPDATE ${table} SET ${column} = ? WHERE model = ? AND ${column} = ?`).run(to, model, from);
      for (const field of ['from', 'to'])
        statement(
          `UPDATE publish_intent SET move_json = json_set(move_json, '$.${field}', ?)
           WHERE model = ? AND move_json ->> '${field}' = ?`,
        ).run(to, model, from);
      for (const { table, columns, pipeline } of NUMBERED_BY_PIPELINE)
        for (const column of columns)
          statement(
            `UPDATE ${table} SET ${column} = ? WHERE ${column} = ? AND ${pipeline} = (SELECT pipeline FROM run WHERE id = ?)`,
          ).run(to, from, run);
    }
  for (const { model, run, former, version } of changes)
    statement('INSERT OR IGNORE INTO renumbered VALUES (?, ?, ?, ?, ?)').run(model, run, former, version, at);
}
