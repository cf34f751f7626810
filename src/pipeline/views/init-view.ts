import type { View } from '../../domain/view.js';
import { dim, line, strong } from '../../render/parts/parts.js';

/** The document of `init`. */
export const initView = (files: readonly string[], folder: string): View => ({
  json: { files: [...files] },
  parts: [
    ...files.map((file) => line(dim('wrote '), file)),
    line(
      'next:  ',
      strong(`${folder === '.' ? '' : `cd ${folder} && `}refit run hello`),
      dim(', then refit promote hello@1 --reason "first", then refit why hello'),
    ),
    line(
      dim('later: a new month lands with cp hello/february.csv hello/sales/; see refit check-drift hello, and '),
      dim('refit retrain hello'),
    ),
  ],
});
