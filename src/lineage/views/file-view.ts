import type { View } from '../../domain/view.js';
import { asJson, dim, line, short, strong, table } from '../../render/parts/parts.js';

export interface FileUse {
  readonly run: string;
  readonly step: string;
  readonly direction: 'read' | 'wrote';
  readonly path: string;
}

/** The view of `why` for a file that is not a model: the steps that read or wrote these bytes. */
export function fileView(path: string, hash: string, uses: readonly FileUse[]): View {
  return {
    json: { file: path, hash, uses: uses.map((use) => asJson(use)) },
    parts: [
      line(strong(path), dim(`  sha256 ${short(hash)}`)),
      table(
        ['run', 'step', '', 'path'],
        uses.slice(0, 20).map((use) => [use.run, strong(use.step), use.direction, dim(use.path)]),
      ),
    ],
  };
}
