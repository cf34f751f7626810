import type { Renumbered, VersionNumber } from '../../domain/exchange/exchange.js';
import type { Codec } from './codec.js';
import { NUMBERED, NUMBERED_BY_PIPELINE } from './tables.js';

/** Further than any number in use, so that two numbers can change places. */
const APART = 1_000_000_000;

const keyOf = ({ model, run, at }: VersionNumber): string => `${model}\n${run}\n${at}`;

/**
 * Versions of this registry that get another number: the one that the log has settled for them, and where a number is
 * settled for a version of another run, the next free one.
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

/** Versions of a model that are here, by number. */
export const versionsOf = (statement: Codec['statement'], model: string): readonly VersionNumber[] =>
  statement('SELECT run, registered_at, version FROM model_version WHERE model = ? ORDER BY version')
    .all(model)
    .map((row) => ({ model, run: String(row.run), at: String(row.registered_at), version: Number(row.version) }));

/** Numbers that versions get in a push that does not take in what others pushed: where one is taken, the next free one. */
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

/** Gives versions their new numbers wherever they are named; the guards of history are off, foreign keys deferred. */
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
