import type { View } from '../../domain/view.js';
import { dim, line, plural, toned } from '../../render/parts/parts.js';

export interface ExportedFolder {
  readonly path: string;
  readonly pipelines: readonly string[];
  readonly runs: number;
  /** Number of runs that have not ended. They are not exported. */
  readonly running: number;
  readonly models: readonly string[];
  readonly versions: number;
  /** Versions that were exported without bytes, because the store does not have them. */
  readonly missing: readonly string[];
  readonly notes: readonly string[];
}

/** The view of `export mlflow`. */
export const exportView = (exported: ExportedFolder): View => ({
  json: {
    path: exported.path,
    pipelines: exported.pipelines,
    runs: exported.runs,
    running: exported.running,
    models: exported.models,
    versions: exported.versions,
    missing: exported.missing,
    notes: exported.notes,
  },
  parts: [
    line(
      'wrote ',
      exported.path,
      dim(
        ` (${plural(exported.runs, 'run')} of ${plural(exported.pipelines.length, 'pipeline')}, ${plural(exported.versions, 'version')} of ${plural(exported.models.length, 'model')})`,
      ),
    ),
    ...(exported.running === 0
      ? []
      : [line(`${plural(exported.running, 'run')} left out: not ended yet, export again when they have`)]),
    ...exported.missing.map((version) =>
      line(toned(`${version}: its bytes are not in the store; exported without them`, 'warn')),
    ),
    ...exported.notes.map((note) => line(dim(note))),
    line(`next: import-all --input-dir ${exported.path}, of mlflow-export-import`),
  ],
});
