import type { AliasMove, Evaluation, GateVerdict, ModelVersion, Note } from '../../domain/models/model.js';
import { toIso } from '../../domain/support/time.js';
import type { Span, View, ViewPart } from '../../domain/view.js';
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
  /** The scores of its model that the others are read against: the champion's, without one those of the newest version. */
  readonly comparedWith?: Evaluation;
}

/** Whether its scores compare with the champion's. Scores on other test data say nothing about which model is better. */
const isOnSameData = ({ evaluation, comparedWith }: ListedVersion): boolean | undefined =>
  evaluation === undefined || comparedWith === undefined ? undefined : evaluation.dataHash === comparedWith.dataHash;

/** The document of `models`. */
export function modelsView(
  listed: readonly ListedVersion[],
  moves: readonly AliasMove[],
  notes: readonly Note[],
): View {
  return {
    json: {
      versions: listed.map(({ version, evaluation, gate, isChampion, comparedWith }) => ({
        model: version.model,
        version: version.version,
        hash: version.hash,
        size: version.size,
        run: version.run,
        registered_at: toIso(version.registeredAt),
        champion: isChampion,
        metrics: evaluation === undefined ? null : asJson(evaluation.metrics),
        data_hash: evaluation?.dataHash ?? null,
        comparable: isOnSameData({ version, evaluation, isChampion, comparedWith }) ?? null,
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
            listed.map(({ version, evaluation, gate, isChampion, comparedWith }) => [
              strong(`${version.model}@${version.version}`),
              isChampion ? toned('champion', 'good') : '',
              moment(version.registeredAt),
              bytes(version.size),
              gate === undefined ? dim('–') : word(gate.verdict),
              scoresText({ version, evaluation, isChampion, comparedWith }),
              dim(version.run),
            ]),
          ),
      ...otherDataParts(listed),
      ...(moves.length === 0 ? [] : [heading('served'), movesTable(moves)]),
      ...noteParts(notes),
    ],
  };
}

const scoresText = (listed: ListedVersion): Span | string => {
  if (listed.evaluation === undefined) return dim('–');
  return `${metricsText(listed.evaluation.metrics)}${isOnSameData(listed) === false ? ' *' : ''}`;
};

/** Explains the mark of scores that do not compare. */
function otherDataParts(listed: readonly ListedVersion[]): readonly ViewPart[] {
  const marked = listed.filter((one) => isOnSameData(one) === false);
  if (marked.length === 0) return [];
  const against = listed.filter(
    (one) =>
      one.evaluation !== undefined &&
      one.evaluation.id === one.comparedWith?.id &&
      marked.some(({ version }) => version.model === one.version.model),
  );
  const names = against.map(({ version }) => `${version.model}@${version.version}`).join(', ');
  return [line(dim(`* on other test data than ${names}: these scores do not compare`))];
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
