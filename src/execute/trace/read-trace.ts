import type { ExecutionId } from '../../domain/ids.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import type { ArtifactUse } from '../../domain/runs/artifact.js';
import type { UndeclaredUse } from '../../domain/runs/run-report.js';
import { parseTrace, type TracedFiles, undeclared } from './trace.js';

export const tracePathOf = (scratch: string, step: Step): string => `${scratch}/${step.name}.trace`;

interface ReadTrace {
  readonly files: TracedFiles;
  readonly undeclared: UndeclaredUse;
}

interface TracedStep {
  readonly step: Step;
  readonly scratch: string;
  readonly inputs: readonly ArtifactUse[];
}

/** Everything that any thread of any attempt opened, without files that were written and deleted again. */
export async function readTrace({ files }: Services, { step, scratch, inputs }: TracedStep): Promise<ReadTrace> {
  const prefix = `${step.name}.trace.`;
  const texts: string[] = [];
  for (const name of await files.listFolder(scratch)) {
    const text = name.startsWith(prefix) ? await files.readText(`${scratch}/${name}`) : undefined;
    if (text?.ok) texts.push(text.value);
  }
  const all = parseTrace(texts.join('\n'), files.root);
  const writes: string[] = [];
  for (const path of all.writes) if ((await files.stat(path)) !== undefined) writes.push(path);
  const traced = { reads: all.reads, writes };
  const paths = inputs.map((use) => use.path);
  return { files: traced, undeclared: { step: step.name, ...undeclared(step, paths, traced) } };
}

/** Runs within the transaction that ends the execution. */
export const withTrace =
  ({ registry }: Services, close: () => ExecutionId, files: TracedFiles) =>
  (): ExecutionId => {
    const execution = close();
    registry.runs.recordTrace(execution, files);
    return execution;
  };
