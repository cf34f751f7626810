import type { LostMove, Merged, RemoteAlias, VersionNumber } from '../../domain/exchange/exchange.js';
import type { HeldMove } from '../../domain/models/held-move.js';
import type { Json } from '../../domain/support/json.js';
import type { Line, View, ViewPart } from '../../domain/view.js';
import { asJson, bytes, dim, line, plural, short, strong, table, toned } from '../../render/parts/parts.js';
import { heldJson, heldParts } from '../../serving/views/held-view.js';

export interface PushedFacts {
  readonly url: string;
  readonly entry?: number;
  readonly runs: number;
  readonly versions: readonly VersionNumber[];
  readonly objects: { readonly sent: number; readonly bytes: number; readonly present: number };
  readonly aliases: readonly RemoteAlias[];
  readonly lost: readonly LostMove[];
  readonly pulled?: PulledFacts;
}

export interface PulledFacts extends Merged {
  readonly url: string;
  readonly entries: number;
  readonly isEmpty: boolean;
  readonly objects: { readonly objects: number; readonly bytes: number; readonly elsewhere: number };
  readonly aliases: readonly RemoteAlias[];
  readonly held: readonly HeldMove[];
  readonly served: readonly { readonly model: string; readonly version: number; readonly path: string }[];
}

const MERGED = 'others had pushed in the meantime; merged this first:';
const UNFINISHED = 'what others pushed was merged before, and not all of it served yet; finished this first:';

/** The view of `push`. */
export function pushView(pushed: PushedFacts): View {
  const { objects, versions, lost, pulled } = pushed;
  const what = [
    plural(pushed.runs, 'run'),
    plural(versions.length, 'version'),
    `${plural(objects.sent, 'object')} (${bytes(objects.bytes)})`,
  ];
  return {
    json: {
      remote: pushed.url,
      entry: pushed.entry ?? null,
      runs: pushed.runs,
      versions: versions.map(versionJson),
      objects: asJson(objects),
      champions: champions(pushed.aliases),
      overtaken: lost.map(asJson),
      pulled: pulled === undefined ? null : pulledJson(pulled),
    },
    parts: [
      ...(pulled === undefined ? [] : [line(dim(pulled.entries === 0 ? UNFINISHED : MERGED)), ...pulledParts(pulled)]),
      pushed.entry === undefined
        ? line(toned('nothing to push ', 'good'), `${pushed.url} has everything`)
        : line(toned('pushed ', 'good'), what.join(', '), ' to ', strong(pushed.url), dim(`, entry ${pushed.entry}`)),
      ...championParts(pushed.aliases, 'at the remote'),
    ],
  };
}

/** The view of `pull`. */
export const pullView = (pulled: PulledFacts): View => ({
  json: pulledJson(pulled),
  parts: [...pulledParts(pulled), ...championParts(pulled.aliases, 'champion')],
});

const pulledJson = (pulled: PulledFacts) => ({
  remote: pulled.url,
  entries: pulled.entries,
  runs: pulled.runs,
  versions: pulled.versions.map(versionJson),
  renumbered: pulled.renumbered.map(asJson),
  overtaken: pulled.overtaken.map(asJson),
  objects: {
    fetched: pulled.objects.objects,
    bytes: pulled.objects.bytes,
    elsewhere: pulled.objects.elsewhere,
  },
  champions: champions(pulled.aliases),
  held: pulled.held.map(heldJson),
  served: pulled.served.map(asJson),
});

const versionJson = ({ model, run, version }: VersionNumber) => ({ model, run, version });

const champions = (aliases: readonly RemoteAlias[]): Json =>
  aliases.map(({ model, alias, version, hash, run, generation }) => ({
    model,
    alias,
    version,
    hash,
    run,
    generation,
  }));

function pulledParts(pulled: PulledFacts): readonly ViewPart[] {
  if (pulled.isEmpty)
    return [line(toned('nothing to pull ', 'warn'), `nobody has pushed to ${pulled.url} yet; start with "refit push"`)];
  const { objects } = pulled;
  return [
    pulled.entries === 0 && objects.objects === 0
      ? line(toned('up to date ', 'good'), 'with ', strong(pulled.url))
      : line(
          toned('pulled ', 'good'),
          `${plural(pulled.runs, 'run')}, ${plural(pulled.versions.length, 'version')}, ${plural(objects.objects, 'object')} (${bytes(objects.bytes)}) from `,
          strong(pulled.url),
        ),
    ...(objects.elsewhere === 0
      ? []
      : [
          line(
            dim(`  ${plural(objects.elsewhere, 'object')} of older versions stay there; refit pull --all fetches them`),
          ),
        ]),
    ...pulled.renumbered.map(({ model, former, version, run }) =>
      line(`  ${model}@${former} of run ${run} is now `, strong(`${model}@${version}`), dim(': the number was taken')),
    ),
    ...pulled.overtaken.flatMap(overtakenParts),
    ...heldParts(pulled.held),
    ...pulled.served.map(({ model, version, path }) =>
      line('  ', strong(`${path}/current`), ` now serves ${model}@${version}`),
    ),
  ];
}

const overtakenParts = ({ model, alias, ours, theirs }: LostMove): readonly ViewPart[] => [
  line(
    toned('overtaken ', 'warn'),
    `${model}@${ours.version} was the ${alias} here; another machine pushed ${model}@${theirs.version}, which is the ${alias} now`,
  ),
  line(dim(`  → refit promote ${model}@${ours.version} --reason "…" evaluates it against the new one`)),
];

function championParts(aliases: readonly RemoteAlias[], head: string): readonly ViewPart[] {
  if (aliases.length === 0) return [];
  const rows = aliases.map(
    ({ model, alias, version, hash, run }): Line => [strong(`${model}@${version}`), alias, dim(short(hash)), dim(run)],
  );
  return [table([head, 'alias', 'hash', 'run'], rows)];
}
