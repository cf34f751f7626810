import type { Failure } from '../../domain/failure.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import type { View } from '../../domain/view.js';
import { templateView } from '../views/init-view.js';
import { writeNewFiles } from './new-files.js';
import { type TemplateName, templateOf } from './templates/templates.js';

/** Writes an example with its own data. `folder` is the workspace as the caller named it. */
export async function writeTemplate(
  services: Pick<Services, 'files'>,
  { template, folder }: { readonly template: TemplateName | undefined; readonly folder: string },
): Promise<Result<View, Failure>> {
  const { pipeline, files, later, needs } = templateOf(template);
  const written = await writeNewFiles(services, files, `choose another folder, or run it: refit run ${pipeline}`);
  return written.ok ? ok(templateView(written.value, { folder, pipeline, later, needs })) : written;
}
