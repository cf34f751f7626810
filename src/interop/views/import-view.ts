import type { ImportedPipeline } from '../../domain/exchange/imported-pipeline.js';
import type { View } from '../../domain/view.js';
import { dim, line, plural, toned } from '../../render/parts/parts.js';

/** The view of `import` for a pipeline: the written file, and what could not be imported. */
export const importView = (path: string, { steps, notes }: ImportedPipeline): View => ({
  json: {
    path,
    steps,
    notes: notes.map(({ severity, code, message, at }) => ({
      severity,
      code,
      message,
      file: at.file,
      line: at.line,
      col: at.col,
    })),
  },
  parts: [
    line('wrote ', path, dim(` (${plural(steps.length, 'step')})`)),
    line(`next: refit validate ${path}, then refit plan ${path}`),
  ],
});

export interface ImportedHistory {
  readonly file: string;
  readonly pipelines: readonly string[];
  readonly runs: number;
  /** Number of runs that were imported before. */
  readonly known: number;
  /** Number of imported runs whose process had died. */
  readonly lost: number;
  readonly points: number;
  /** Number of runs that are still running there. */
  readonly going: number;
  readonly deleted: { readonly runs: number; readonly versions: number };
  readonly models: readonly string[];
  readonly versions: number;
  readonly knownVersions: number;
  readonly aliases: readonly string[];
  /** Runs and versions whose bytes were not found, with the recorded address. */
  readonly missing: readonly string[];
  readonly notes: readonly string[];
  readonly isCutShort: boolean;
}

const SHOWN = 10;

/** The view of `import` for the history of a tracking server. */
export const importedView = (one: ImportedHistory): View => ({
  json: {
    path: one.file,
    pipelines: one.pipelines,
    runs: one.runs,
    known_runs: one.known,
    lost_runs: one.lost,
    running_runs: one.going,
    deleted_runs: one.deleted.runs,
    metric_points: one.points,
    models: one.models,
    versions: one.versions,
    known_versions: one.knownVersions,
    deleted_versions: one.deleted.versions,
    aliases: one.aliases,
    missing: one.missing,
    notes: one.notes,
    complete: !one.isCutShort,
  },
  parts: [
    line(
      `imported ${plural(one.runs, 'run')} with ${plural(one.points, 'metric value')}, ${plural(one.versions, 'version')} of ${plural(one.models.length, 'model')}`,
      dim(one.pipelines.length === 0 ? '' : ` into ${one.pipelines.join(', ')}`),
    ),
    ...counted(one),
    ...one.aliases.map((alias) => line(alias)),
    ...one.missing.slice(0, SHOWN).map((what) => line(toned('no bytes for ', 'warn'), what)),
    ...(one.missing.length <= SHOWN ? [] : [line(dim(`and ${one.missing.length - SHOWN} more: see --json`))]),
    ...one.notes.map((note) => line(dim(note))),
    ...(one.isCutShort ? [line(toned('cut short: the same command goes on', 'warn'))] : []),
    line('next: refit runs, refit models'),
  ],
});

const counted = ({ known, knownVersions, lost, going, deleted }: ImportedHistory) =>
  [
    [known + knownVersions, `${plural(known, 'run')} and ${plural(knownVersions, 'version')} were here already`],
    [lost, `${plural(lost, 'run')} had no end there and no sign of life for a day: lost`],
    [going, `${plural(going, 'run')} left out: still running there, import again when they have ended`],
    [
      deleted.runs + deleted.versions,
      `left behind, deleted there: ${plural(deleted.runs, 'run')}, ${plural(deleted.versions, 'version')}`,
    ],
  ].flatMap(([count, text]) => (count === 0 ? [] : [line(dim(String(text)))]));
