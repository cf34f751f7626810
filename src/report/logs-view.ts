import type { View } from '../domain/view.js';
import { heading, line } from './parts.js';

export interface ShownLog {
  readonly step: string;
  readonly attempt: number;
  readonly path: string;
  readonly lines: readonly string[];
}

/** The document of `logs`. */
export const logsView = (run: string, logs: readonly ShownLog[]): View => ({
  json: { run, logs: logs.map(({ step, attempt, path, lines }) => ({ step, attempt, path, text: lines.join('\n') })) },
  parts:
    logs.length === 0
      ? [line('no step of this run was executed, so there are no logs')]
      : logs.flatMap(({ step, attempt, path, lines }) => [
          heading(`${step}, attempt ${attempt}  ${path}`),
          { kind: 'text' as const, lines },
        ]),
});
