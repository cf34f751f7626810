import type { Failure } from '../domain/failure.js';
import type { Note } from '../domain/models/model.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import { findModel } from './find-model.js';
import { findVersion } from './find-version.js';
import { noteView } from './views/note-view.js';

/** Records a note about a model, or with `model@version` about one version. `why` and `models` show it. */
export function writeNote(
  services: Pick<Services, 'registry' | 'clock' | 'surroundings'>,
  subject: string,
  text: string,
): Result<View, Failure> {
  const [name = ''] = subject.split('@');
  const model = findModel(services, name);
  if (!model.ok) return model;
  const { models } = services.registry;
  const version = subject.includes('@') ? findVersion(services, subject) : undefined;
  if (subject.includes('@') && version === undefined)
    return err({
      code: 'not-found',
      what: 'model version',
      name: subject,
      available: models.versions(model.value).map((one) => `${name}@${one.version}`),
      next: `see "refit models ${name}"`,
    });
  const note: Note = {
    model: model.value,
    version: version === undefined ? undefined : version.version,
    text: services.surroundings.mask(text),
    actor: services.surroundings.actor(),
    notedAt: services.clock.now(),
  };
  models.recordNote(note);
  return ok(noteView(note, models.notes(model.value)));
}
