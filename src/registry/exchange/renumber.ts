import type { Renumbered, VersionNumber } from '../../domain/exchange/exchange.js';
import type { Codec } from './codec.js';
import { NUMBERED, NUMBERED_BY_PIPELINE } from './tables.js';

/** Offset beyond any number in use, so that two versions can swap numbers. */
const APART = 1_000_000_000;

const keyOf = ({ model, run, at }: VersionNumber): string => `${model}\n${run}\n${at}`;

/**
 * Local versions that get another number: the one that the log assigned to them, or the next free one if the log assigned
 * their number to a version of another run.
 */
export function planRenumbering(
  { statement }: Codec,
  settled: readonly VersionNumber[],
  isSent: (version: VersionNumber) => boolean,
): readonly Renumbered[] {
  const numbers = new Map(settled.map((one) => [keyOf(one), one.version]));
  return [...new Set(settled.map((one) => one.model))].flatMap((model): readonly Renumbered[] => {
    const here = versionsOf(statement, model);
    const fixed = (one: VersionNumber): number | undefined =>
      numbers.get(keyOf(one)) ?? (isSent(one) ? one.version : undefined);
    const taken = new Set([
      ...settled.filter((one) => one.model === model).map((one) => one.version),
      ...here.flatMap((one) => fixed(one) ?? []),
    ]);
    let next = Math.max(0, ...taken, ...here.map((one) => one.version));
    return here.flatMap((one): readonly Renumbered[] => {
      const version = fixed(one) ?? (taken.has(one.version) ? ++next : one.version);
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
      const unsent = new Set(versions.map(keyOf));
      const others = here(one.model).filter((other) => !unsent.has(keyOf(other)));
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
