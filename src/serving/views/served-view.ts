import type { LedgerEntry } from '../../domain/models/ledger.js';
import type { AliasMove } from '../../domain/models/model.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import { type Instant, toIso } from '../../domain/support/time.js';
import type { View } from '../../domain/view.js';
import { dim, heading, line, moment, short, shown, span, strong, table, toned } from '../../render/parts/parts.js';

export interface Served {
  readonly model: string;
  /** The time given by `--at`, or now. */
  readonly at: Instant;
  readonly move?: AliasMove;
  /** When it began to serve, by the same clock as `at`. */
  readonly since?: Instant;
  /** When the next version replaced it. */
  readonly until?: Instant;
  readonly entries: readonly LedgerEntry[];
}

const SHOWN = 20;

/** The document of `served`: the version that served, and the model's ledger entries. */
export function servedView({ model, at, move, since, until, entries }: Served): View {
  const facts = entries.map((entry) => ({ entry, said: JSON.parse(entry.text) as JsonObject }));
  return {
    json: {
      model,
      at: toIso(at),
      version: move?.to ?? null,
      hash: move?.toHash ?? null,
      since: since === undefined ? null : toIso(since),
      until: until === undefined ? null : toIso(until),
      kind: move?.kind ?? null,
      reason: move?.reason ?? null,
      actor: move?.actor ?? null,
      forced: move?.isForced ?? null,
      ledger: facts.map(({ entry, said }) => ({ ...said, previous: entry.previous, entry_hash: entry.hash })),
    },
    parts: [
      move === undefined || since === undefined
        ? line(strong(model), ` served nothing at ${moment(at)} UTC`)
        : line(
            strong(`${model}@${move.to}`),
            `  from ${moment(since)} UTC ${until === undefined ? 'on' : `until ${moment(until)} UTC`}`,
            dim(` (${span(Math.max(0, (until ?? at) - since))})  sha256 ${short(move.toHash)}`),
            move.isForced ? toned('  forced past the gate', 'warn') : '',
          ),
      ...(facts.length === 0
        ? []
        : [
            heading(facts.length > SHOWN ? `ledger, the last ${SHOWN} of ${facts.length} entries` : 'ledger'),
            table(
              ['entry', 'when (UTC)', 'what', 'version', 'by', 'why', 'hash'],
              facts
                .slice(-SHOWN)
                .map(({ entry, said }) => [
                  String(entry.sequence),
                  dim(String(said.at).slice(0, 16).replace('T', ' ')),
                  whatOf(entry.kind, said),
                  versionsOf(said),
                  dim(shown(said.actor)),
                  whyOf(said),
                  dim(short(entry.hash)),
                ]),
            ),
          ]),
    ],
  };
}

function whatOf(kind: LedgerEntry['kind'], said: JsonObject) {
  if (kind === 'hook')
    return toned(`${shown(said.hook)} ${shown(said.outcome)}`, said.outcome === 'failed' ? 'bad' : 'plain');
  return said.forced === true ? toned(`${kind}, forced`, 'warn') : kind;
}

const whyOf = (said: JsonObject): string =>
  Array.isArray(said.found)
    ? said.found.join(', ')
    : [said.detail, said.reason, said.text]
        .flatMap((one) => (one === undefined || one === null ? [] : shown(one)))
        .join('; ')
        .replaceAll('\n', '; ');

const versionsOf = (said: JsonObject): string =>
  said.to === undefined ? shown(said.version) : `${nothing(said.from)} → ${shown(said.to)}`;

const nothing = (value: Json | undefined): string => (value === null ? '–' : shown(value));
