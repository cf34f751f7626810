import type { ExecutionId } from '../../domain/ids.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import type { ArtifactUse } from '../../domain/runs/artifact.js';
import type { UndeclaredUse } from '../../domain/runs/run-report.js';
import type { Instant } from '../../domain/support/time.js';
import { parseTrace, type TracedFiles, undeclared } from './trace.js';

/** Where the trace of a step is written; the number of the attempt follows. */
export const tracePathOf = (scratch: string, step: Step): string => `${scratch}/${step.name}.trace`;

export interface ReadTrace {
  readonly files: Pick<TracedFiles, 'reads' | 'writes'>;
  /** Those of the written files that were there before, and were changed in place. */
  readonly changed: readonly string[];
  readonly undeclared: UndeclaredUse;
}

interface TracedStep {
  readonly step: Step;
  readonly scratch: string;
  readonly inputs: readonly ArtifactUse[];
  readonly startedAt: Instant;
}

/** Every regular file that any thread of any attempt opened, without those that were written and deleted again. */
export async function readTrace(
  { files }: Pick<Services, 'files'>,
  { step, scratch, inputs, startedAt }: TracedStep,
): Promise<ReadTrace> {
  const prefix = `${step.name}.trace.`;
  const texts: string[] = [];
  for (const name of await files.listFolder(scratch)) {
    const text = name.startsWith(prefix) ? await files.readText(`${scratch}/${name}`) : undefined;
    if (text?.ok) texts.push(text.value);
  }
  const all = parseTrace(texts, files.root);
  const there = async (paths: readonly string[]): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const path of paths) if ((await files.stat(path))?.kind === 'file') found.push(path);
    return found;
  };
  const traced = { reads: await there(all.reads), writes: await there(all.writes) };
  const changed: string[] = [];
  for (const { path, wasRead } of all.changes) {
    const bornMs = traced.writes.includes(path) ? (await files.stat(path))?.bornMs : undefined;
    // A file that the step made itself is no change of one. Where the disk does not say when it was made, it may be one.
    if (bornMs !== undefined && (wasRead || bornMs < startedAt)) changed.push(path);
  }
  const paths = inputs.map((use) => use.path);
  return { files: traced, changed, undeclared: { step: step.name, ...undeclared(step, paths, traced) } };
}

/** Runs within the transaction that ends the execution. */
export const withTrace =
  ({ registry }: Services, close: () => ExecutionId, files: ReadTrace['files']) =>
  (): ExecutionId => {
    const execution = close();
    registry.runs.recordTrace(execution, files);
    return execution;
  };
