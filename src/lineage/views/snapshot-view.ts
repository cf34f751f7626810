import type { Snapshot } from '../../domain/data/snapshot.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import { moment, plural, shown } from '../../render/parts/parts.js';

export const snapshotJson = (one: Snapshot): JsonObject => ({
  dataset: one.dataset,
  kind: one.kind,
  place: one.place,
  question: one.question,
  params: { ...one.params },
  from: one.from <= 0 ? null : toIso(one.from),
  until: toIso(one.until),
  rows: one.rows,
  source_version: one.version ?? null,
  hash: one.hash,
  read_at: toIso(one.readAt),
});

/** Where the rows of each dataset came from, and what was asked: `rides: sqlite data/rides.db, 2 snapshots, 310 rows, …`. */
export function sourceRows(snapshots: readonly Snapshot[]): readonly (readonly [string, string])[] {
  const datasets = [...new Set(snapshots.map((one) => one.dataset))];
  return datasets.flatMap((name) => {
    const own = snapshots.filter((one) => one.dataset === name);
    const last = own.reduce((newest, one) => (one.readAt > newest.readAt ? one : newest));
    const rows = own.reduce((sum, one) => sum + one.rows, 0);
    const version = last.version === undefined ? '' : `, source version ${shown(last.version)}`;
    const params = Object.keys(last.params).length === 0 ? '' : `; params ${shown(last.params)}`;
    return [
      [
        'source',
        `${name}: ${last.kind} ${shown(last.place)}, ${plural(own.length, 'snapshot')} of ${plural(rows, 'row')}, read ${moment(last.readAt)} UTC${version}`,
      ],
      ['asked', `${shown(last.question.replace(/\s+/g, ' ').trim())}${params}`],
    ] as const;
  });
}
