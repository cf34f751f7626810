import type { View } from '../../domain/view.js';
import { heading, line } from '../../render/parts/parts.js';

export interface ShownLog {
  readonly step: string;
  readonly attempt: number;
  readonly path: string;
  /** Size of the whole log in bytes; `undefined` if the log is gone. */
  readonly size?: number;
  /** Offset in bytes at which `text` begins. */
  readonly from: number;
  readonly text: string;
}

/** The document of `logs`. */
export const logsView = (run: string, logs: readonly ShownLog[]): View => ({
  json: {
    run,
    logs: logs.map(({ step, attempt, path, size, from, text }) => ({
      step,
      attempt,
      path,
      bytes: size ?? null,
      is_cut: from > 0,
      text,
    })),
  },
  parts:
    logs.length === 0
      ? [line('no step of this run was executed, so there are no logs')]
      : logs.flatMap(({ step, attempt, path, text }) => [
          heading(`${step}, attempt ${attempt}  ${path}`),
          { kind: 'text' as const, lines: text.split('\n') },
        ]),
});
