import type { Note } from '../../domain/models/model.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import type { View, ViewPart } from '../../domain/view.js';
import { dim, heading, moment, table } from '../../render/parts/parts.js';

export const noteJson = (note: Note): JsonObject => ({
  version: note.version ?? null,
  text: note.text,
  actor: note.actor,
  at: toIso(note.notedAt),
});

export const noteParts = (notes: readonly Note[]): readonly ViewPart[] =>
  notes.length === 0
    ? []
    : [
        heading('notes'),
        table(
          ['when (UTC)', 'about', 'by', 'note'],
          notes.map((note) => [
            dim(moment(note.notedAt)),
            note.version === undefined ? note.model : `${note.model}@${note.version}`,
            dim(note.actor),
            note.text,
          ]),
        ),
      ];

/** The document of `note`: the new note and all notes of the model. */
export const noteView = (note: Note, all: readonly Note[]): View => ({
  json: { model: note.model, note: noteJson(note), notes: all.map(noteJson) },
  parts: noteParts(all),
});
