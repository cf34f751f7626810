import type { AliasMove, Evaluation, GateVerdict, ModelVersion, Note } from '../../domain/models/model.js';
import { toIso } from '../../domain/support/time.js';
import type { View, ViewPart } from '../../domain/view.js';
import {
  asJson,
  bytes,
  dim,
  heading,
  line,
  metricsText,
  moment,
  strong,
  table,
  toned,
  word,
} from '../../render/parts/parts.js';
import { moveJson } from './move-json.js';
import { noteJson, noteParts } from './note-view.js';

export interface ListedVersion {
  readonly version: ModelVersion;
  readonly evaluation?: Evaluation;
  readonly gate?: GateVerdict;
  readonly isChampion: boolean;
}

/** The document of `models`. */
export function modelsView(
  listed: readonly ListedVersion[],
  moves: readonly AliasMove[],
  notes: readonly Note[],
): View {
  return {
    json: {
      versions: listed.map(({ version, evaluation, gate, isChampion }) => ({
        model: version.model,
        version: version.version,
        hash: version.hash,
        size: version.size,
        run: version.run,
        registered_at: toIso(version.registeredAt),
        champion: isChampion,
        metrics: evaluation === undefined ? null : asJson(evaluation.metrics),
        gate: gate?.verdict ?? null,
      })),
      moves: moves.map(moveJson),
      notes: notes.map((note) => ({ model: note.model, ...noteJson(note) })),
    },
    parts: [
      listed.length === 0
        ? line('no versions yet; "refit run" registers one')
        : table(
            ['version', '', 'registered (UTC)', 'size', 'gate', 'scores', 'run'],
            listed.map(({ version, evaluation, gate, isChampion }) => [
              strong(`${version.model}@${version.version}`),
              isChampion ? toned('champion', 'good') : '',
              moment(version.registeredAt),
              bytes(version.size),
              gate === undefined ? dim('–') : word(gate.verdict),
              evaluation === undefined ? dim('–') : metricsText(evaluation.metrics),
              dim(version.run),
            ]),
          ),
      ...(moves.length === 0 ? [] : [heading('served'), movesTable(moves)]),
      ...noteParts(notes),
    ],
  };
}

const movesTable = (moves: readonly AliasMove[]): ViewPart =>
  table(
    ['when (UTC)', 'now', 'model', 'move', 'kind', 'reason', 'by'],
    moves.map((move) => [
      moment(move.movedAt),
      moment(move.now),
      move.model,
      `${move.from ?? '–'} → ${move.to}`,
      move.isForced ? toned(`${move.kind}, forced`, 'warn') : move.kind,
      move.reason,
      dim(move.actor),
    ]),
  );
