import type { ImportedPipeline } from '../domain/imported.js';
import type { View } from '../domain/view.js';
import { dim, line, plural } from './parts.js';

/** The document of `import`: the file that was written, and what could not be carried over. */
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
