import type { Failure } from '../../domain/failure.js';
import type { ServingFinding } from '../../domain/models/serving.js';
import type { Retention } from '../../domain/pipeline/retention.js';
import type { View, ViewPart } from '../../domain/view.js';
import { bytes, dim, heading, line, plural, strong, table, toned } from '../../render/parts/parts.js';

/** A problem that `doctor` found. */
export interface Ailment {
  /** Stable kebab-case. */
  readonly code: string;
  readonly what: string;
  /** How to repair it, by `doctor` or by hand. */
  readonly remedy: string;
  readonly canMend?: boolean;
  readonly isMended?: boolean;
  readonly failure?: Failure;
}

/** The view of `doctor`. */
export function doctorView(ailments: readonly Ailment[], isRepairing: boolean): View {
  const open = ailments.filter((one) => one.isMended !== true);
  return {
    json: {
      healthy: open.length === 0,
      repairing: isRepairing,
      problems: ailments.map(({ code, what, remedy, canMend, isMended, failure }) => ({
        code,
        what,
        remedy,
        can_repair: canMend ?? false,
        repaired: isMended ?? false,
        failure: failure?.code ?? null,
      })),
    },
    parts:
      ailments.length === 0
        ? [line(toned('healthy ', 'good'), 'nothing to repair; "refit verify" also reads every stored byte')]
        : [
            ...ailments.flatMap(ailmentParts),
            ...(!isRepairing && ailments.some((one) => one.canMend)
              ? [line(dim('  → refit doctor --repair repairs what can be repaired'))]
              : []),
          ],
  };
}

function ailmentParts({ code, what, remedy, canMend, isMended, failure }: Ailment): readonly ViewPart[] {
  const mark = isMended === true ? toned('repaired ', 'good') : toned(`${code} `, 'bad');
  const why = failure !== undefined && 'reason' in failure ? String(failure.reason) : failure?.code;
  return [
    line(mark, what),
    line(dim(`  ${canMend === true || isMended !== undefined ? '' : 'by hand: '}${remedy}`)),
    ...(why === undefined ? [] : [line(toned('  not repaired: ', 'bad'), why)]),
  ];
}

export interface Backup {
  readonly path: string;
  readonly bytes: number;
  readonly runs: number;
}

/** The view of `registry backup`. */
export const backupView = (backup: Backup): View => ({
  json: { path: backup.path, bytes: backup.bytes, runs: backup.runs },
  parts: [
    line(
      'copied the registry to ',
      strong(backup.path),
      dim(`  ${bytes(backup.bytes)}, ${plural(backup.runs, 'run')}; to use it: refit registry restore ${backup.path}`),
    ),
  ],
});

export interface Collection {
  readonly isApplied: boolean;
  readonly retention: Retention;
  readonly keptVersions: readonly { readonly name: string; readonly because: string }[];
  readonly keptRuns: number;
  readonly kept: { readonly objects: number; readonly bytes: number };
  readonly removed: { readonly objects: number; readonly bytes: number };
  /** Versions whose bytes are removed. They can no longer be promoted or rolled back to. */
  readonly removedVersions: readonly string[];
  readonly logs: readonly string[];
  readonly cacheRows: number;
  readonly cacheFiles: number;
  /** Pipelines whose old backtest workspaces are removed. */
  readonly backtests: readonly string[];
  /** What killed publications left half made. */
  readonly leftovers: readonly string[];
  /** What jobs have left in the remotes through which they exchange files. */
  readonly staged: { readonly files: number; readonly bytes: number };
  /** Profiles of tables and windows that no check reads any more. */
  readonly profiles: number;
  /** By how much the registry shrank. `undefined`: it was in use, and keeps its size until the next gc. */
  readonly registryBytes: number | undefined;
}

/** The view of `gc`. */
export function gcView(done: Collection): View {
  const { retention, removed, kept, isApplied } = done;
  return {
    json: {
      applied: isApplied,
      retention: { versions: retention.versions, days: retention.days, keep: [...retention.keep] },
      kept: { ...kept, runs: done.keptRuns, versions: done.keptVersions.map((one) => ({ ...one })) },
      removed: {
        ...removed,
        versions: [...done.removedVersions],
        logs: [...done.logs],
        cache_rows: done.cacheRows,
        cache_files: done.cacheFiles,
        backtests: [...done.backtests],
        leftovers: [...done.leftovers],
        staged: { ...done.staged },
        profiles: done.profiles,
        registry_bytes: done.registryBytes ?? null,
      },
    },
    parts: [
      ...objectLines(done),
      ...otherLines(done),
      ...versionParts(done),
      ...(isApplied ? [] : [line(dim('  → refit gc --apply removes them; the registry keeps the history'))]),
    ],
  };
}

function objectLines({ retention, removed, kept, isApplied, ...done }: Collection): readonly ViewPart[] {
  const named = retention.keep.length === 0 ? '' : `, ${retention.keep.join(', ')}`;
  return [
    line(
      isApplied ? toned('removed ', 'good') : toned('would remove ', 'warn'),
      `${plural(removed.objects, 'object')} (${bytes(removed.bytes)}), logs of ${plural(done.logs.length, 'run')}, ${plural(done.cacheRows, 'row')} and ${plural(done.cacheFiles, 'file')} of the caches`,
    ),
    line(
      dim(
        `  keeps ${plural(kept.objects, 'object')} (${bytes(kept.bytes)}): what serves and may be rolled back to, ${plural(retention.versions, 'version')} a model, ${retention.days} days${named}`,
      ),
    ),
  ];
}

function otherLines({
  profiles,
  registryBytes,
  backtests,
  leftovers,
  staged,
  isApplied,
}: Collection): readonly ViewPart[] {
  const shrunk =
    registryBytes === undefined
      ? dim(', which another process uses: it keeps its size until the next gc')
      : dim(isApplied ? `, which is ${bytes(registryBytes)} smaller` : '');
  return [
    ...(profiles === 0 && registryBytes === 0
      ? []
      : [line(`  and ${plural(profiles, 'profile')} of the registry`, shrunk)]),
    ...(backtests.length === 0 ? [] : [line(`  and the workspaces of old backtests of ${backtests.join(', ')}`)]),
    ...(leftovers.length === 0 ? [] : [line(`  and what a killed publication left: ${leftovers.join(', ')}`)]),
    ...(staged.files === 0
      ? []
      : [line(`  and ${plural(staged.files, 'file')} (${bytes(staged.bytes)}) that jobs have left in remotes`)]),
  ];
}

function versionParts({ keptVersions, removedVersions, isApplied }: Collection): readonly ViewPart[] {
  const rows = keptVersions.map(({ name, because }) => [strong(name), dim(because)]);
  return [
    ...(rows.length === 0 ? [] : [heading('versions kept'), table(['version', 'because'], rows)]),
    ...(removedVersions.length === 0
      ? []
      : [
          heading(isApplied ? 'versions whose bytes were removed' : 'versions whose bytes would be removed'),
          line(`  ${removedVersions.join(', ')}`),
        ]),
  ];
}

/** A copy that was put in place of the registry. */
export interface Restored {
  readonly path: string;
  readonly runs: number;
  readonly ledgerEntries: number;
  readonly replaced?: string;
}

/** The view of `registry accept`. */
export const acceptedView = (found: readonly ServingFinding[], reason: string): View => ({
  json: {
    accepted: found.map(({ path, expected, found: is }) => ({ path, expected, found: is })),
    reason: found.length === 0 ? null : reason,
  },
  parts:
    found.length === 0
      ? [line('nothing to accept: the registry is as new as what serves')]
      : [
          ...found.map(({ path, expected, found: is }) =>
            line(toned('accepted ', 'warn'), `${path}: ${is}`, dim(`  expected ${expected}`)),
          ),
          line(dim('next: refit status, which says what serves otherwise than this registry knows')),
        ],
});

/** The view of `registry restore`. */
export const restoredView = ({ path, runs, ledgerEntries, replaced }: Restored): View => ({
  json: { path, runs, ledger_entries: ledgerEntries, replaced: replaced ?? null },
  parts: [
    line(
      'restored ',
      strong(path),
      dim(`  ${plural(runs, 'run')}, ${ledgerEntries === 1 ? '1 entry' : `${ledgerEntries} entries`} of the ledger`),
    ),
    ...(replaced === undefined ? [] : [line(dim('the registry that was there is now '), replaced)]),
    line(dim('next: refit verify, and refit status, which says what serves otherwise than this registry knows')),
  ],
});
