import type { StepName } from '../../domain/ids.js';
import type { Services } from '../../domain/ports/services.js';
import { copyLine, type LogCopy } from '../log-copy.js';

/** Lines of a job's log while it runs, if anybody sees them. */
export function shownLog(
  services: Pick<Services, 'processes' | 'logs' | 'emit'>,
  step: string,
  path: string | undefined,
): LogCopy | undefined {
  if (!services.processes.areLinesShown || path === undefined) return undefined;
  const write = async (bytes: Uint8Array): Promise<boolean> => {
    const lines = Buffer.from(bytes).toString('utf8').replace(/\n$/, '').split('\n');
    for (const line of lines) services.emit({ type: 'step-output', step: step as StepName, stream: 'stdout', line });
    return true;
  };
  return copyLine({ logs: services.logs, path, from: 0 }, write, '');
}

const TAIL_BYTES = 64 * 1024;
const TAIL_LINES = 20;
const LONGEST_LINE = 4096;

/** The last lines of a log. */
export async function tailOf({ logs }: Pick<Services, 'logs'>, path: string): Promise<readonly string[]> {
  const size = await logs.size(path);
  if (size === undefined) return [];
  const bytes = await logs.read(path, Math.max(0, size - TAIL_BYTES), TAIL_BYTES);
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  return (lines.at(-1) === '' ? lines.slice(0, -1) : lines)
    .slice(-TAIL_LINES)
    .map((line) => line.slice(0, LONGEST_LINE));
}
