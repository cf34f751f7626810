import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Failure } from '../domain/failure.js';
import { err, ok, type Result } from '../domain/support/result.js';

const MARKS = ['refit.yaml', '.refit', 'pipelines'];

/** The nearest folder upwards that holds `refit.yaml`, `.refit/` or `pipelines/`; absolute. */
export function findWorkspace(from: string): Result<string, Failure> {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (MARKS.some((mark) => existsSync(join(folder, mark)))) return ok(folder);
    if (dirname(folder) === folder) return err({ code: 'no-workspace', searchedFrom: resolve(from) });
  }
}
