import type { PipelineName } from '../ids.js';
import type { ModelVersion } from '../models/model.js';
import type { Run } from '../runs/run.js';
import type { RunFacts } from '../runs/run-facts.js';
import type { JsonObject } from '../support/json.js';
import type { Instant } from '../support/time.js';

/** A file of an export. `path` is relative to the export's folder. */
interface ExportedFile {
  readonly path: string;
  readonly document: JsonObject;
}

/** The exported runs of one pipeline. */
export interface ExportedPipeline {
  /** A number from 1. The id of the experiment in the other system. */
  readonly id: string;
  readonly name: PipelineName;
  readonly runs: readonly Pick<Run, 'id' | 'startedAt' | 'environment'>[];
}

export interface ExportedModelVersion {
  readonly version: ModelVersion;
  readonly run: Run;
  readonly pipeline: Pick<ExportedPipeline, 'id' | 'name'>;
  /** How many versions of the run come before it. */
  readonly place: number;
  readonly aliases: readonly string[];
  readonly description?: string;
}

/** Writes a folder of JSON documents that another system's tools can import. */
export interface RunExport {
  readonly runFile: (
    facts: RunFacts,
    pipeline: Pick<ExportedPipeline, 'id'>,
  ) => { readonly file: ExportedFile; readonly notes: readonly string[] };
  /** Where the bytes of a version go. */
  readonly modelFolder: (version: Pick<ExportedModelVersion, 'run' | 'pipeline' | 'place'>) => string;
  /** The files that list the runs and models. Written last. */
  readonly listFiles: (
    pipelines: readonly ExportedPipeline[],
    models: ReadonlyMap<string, readonly ExportedModelVersion[]>,
  ) => readonly ExportedFile[];
}

export type OpenRunExport = (context: { readonly user: string; readonly at: Instant }) => Promise<RunExport>;
