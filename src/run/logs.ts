import { setTimeout as delay } from 'node:timers/promises';
import type { Failure } from '../domain/failure.js';
import type { AttemptId, RunId } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import { copyLine, copyRaw, type LogCopy } from '../execute/log-copy.js';
import { findRun } from './find-run.js';
import { logsView, type ShownLog } from './views/logs-view.js';

type Dependencies = Pick<Services, 'registry' | 'logs' | 'signal'>;

export interface LogsQuery {
  readonly id: string;
  readonly step?: string;
  /** Only the last lines of each log. */
  readonly lastLines?: number;
}

const MOST_IN_DOCUMENT = 1024 * 1024;
const POLL_MS = 150;

interface AttemptLog {
  readonly id: AttemptId;
  readonly step: string;
  readonly attempt: number;
  readonly path: string;
  readonly isOver: boolean;
}

/** The logs of a run's attempts as one document, each cut to its last MiB. Skipped steps have none. */
export async function readLogs(services: Dependencies, query: LogsQuery): Promise<Result<View, Failure>> {
  const run = findRun(services, query.id);
  if (!run.ok) return run;
  const found = attemptLogs(services, run.value.id, query.step);
  if (!found.ok) return found;
  const shown: ShownLog[] = [];
  for (const { step, attempt, path } of found.value) {
    const size = await services.logs.size(path);
    const from = Math.max((size ?? 0) - MOST_IN_DOCUMENT, await startOf(services, path, query.lastLines));
    const bytes = await services.logs.read(path, from, MOST_IN_DOCUMENT);
    shown.push({
      step,
      attempt,
      path,
      from,
      text: new TextDecoder().decode(bytes),
      size,
    });
  }
  return ok(logsView(run.value.id, shown));
}

/**
 * Copies the logs of a run to `write`, piece by piece. With `isFollowed` it continues until the run (or the one step)
 * has ended. Logs of steps that run at the same time are then interleaved by line, each line with its step's name.
 */
export async function copyLogs(
  services: Dependencies,
  query: LogsQuery & { readonly isFollowed: boolean },
  write: (bytes: Uint8Array) => Promise<boolean>,
): Promise<Result<void, Failure>> {
  const run = findRun(services, query.id);
  if (!run.ok) return run;
  const { id } = run.value;
  const copies = new Map<AttemptId, LogCopy>();
  for (;;) {
    // Asked before reading, so that nothing written before the end is missed.
    const isRunning = services.registry.runs.get(id)?.status === 'running';
    const found = attemptLogs(services, id, query.step);
    const isStepAwaited = !found.ok && query.isFollowed && isRunning;
    if (!found.ok && !isStepAwaited) return found;
    const logs = found.ok ? found.value : [];
    const isLive = query.isFollowed && isRunning;
    for (const log of logs) {
      const copy =
        copies.get(log.id) ?? (await startCopy(services, query, log, { write, isAlone: isAlone(query, logs) }));
      copies.set(log.id, copy);
      if (!(await copy.forward()) || ((log.isOver || !isLive) && !(await copy.end()))) return ok(undefined);
    }
    const isOver = query.step !== undefined && isStepOver(services, id, query.step);
    if (!isLive || isOver || services.signal.aborted) {
      if (copies.size === 0) await write(Buffer.from('no step of this run was executed, so there are no logs\n'));
      return ok(undefined);
    }
    await delay(POLL_MS, undefined, { signal: services.signal }).catch(() => undefined);
  }
}

const isAlone = ({ isFollowed, step }: { isFollowed: boolean; step?: string }, logs: readonly AttemptLog[]): boolean =>
  isFollowed ? step !== undefined : logs.length === 1;

async function startCopy(
  services: Dependencies,
  query: LogsQuery & { readonly isFollowed: boolean },
  { step, attempt, path }: AttemptLog,
  to: { readonly write: (bytes: Uint8Array) => Promise<boolean>; readonly isAlone: boolean },
): Promise<LogCopy> {
  const source = { path, from: await startOf(services, path, query.lastLines), logs: services.logs };
  if (query.isFollowed && !to.isAlone) return copyLine(source, to.write, `${step} │ `);
  const heading = to.isAlone ? '' : `\n${step}, attempt ${attempt}  ${path}\n`;
  return copyRaw(source, to.write, heading);
}

function attemptLogs(
  services: Dependencies,
  run: RunId,
  step: string | undefined,
): Result<readonly AttemptLog[], Failure> {
  const executions = services.registry.runs.executions(run);
  const chosen = executions.filter((one) => step === undefined || one.step === step);
  if (step !== undefined && chosen.length === 0)
    return err({
      code: 'not-found',
      what: 'step',
      name: step,
      available: executions.map((one) => one.step),
      next: `see "refit show ${run}"`,
    });
  return ok(
    chosen.flatMap((execution) =>
      execution.attempts.map(({ id, number, logPath, finishedAt }) => ({
        id,
        step: execution.step,
        attempt: number,
        path: logPath,
        isOver: finishedAt !== undefined,
      })),
    ),
  );
}

const isStepOver = (services: Dependencies, run: RunId, step: string): boolean => {
  const last = services.registry.runs.executions(run).findLast((one) => one.step === step);
  return last !== undefined && last.status !== 'running' && last.status !== 'pending';
};

const PIECE = 64 * 1024;
const NEWLINE = 10;

/** Offset where the last lines begin, searched from the end. */
async function startOf({ logs }: Dependencies, path: string, lastLines: number | undefined): Promise<number> {
  const size = (await logs.size(path)) ?? 0;
  if (lastLines === undefined) return 0;
  let left = lastLines;
  for (let end = size; end > 0; ) {
    const from = Math.max(0, end - PIECE);
    const bytes = await logs.read(path, from, end - from);
    // The newline at the end of the last line does not begin another one.
    for (let at = bytes.lastIndexOf(NEWLINE); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(NEWLINE, at - 1)) {
      if (from + at === size - 1) continue;
      left -= 1;
      if (left === 0) return from + at + 1;
    }
    end = from;
  }
  return 0;
}
