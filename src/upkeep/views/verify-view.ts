import type { ContentHash } from '../../domain/ids.js';
import type { ObjectFault, RegistryFault } from '../../domain/upkeep.js';
import type { View, ViewPart } from '../../domain/view.js';
import { asJson, bytes, dim, line, plural, short, span, strong, toned } from '../../render/parts/parts.js';

export interface DamagedObject extends ObjectFault {
  /** Paths at which steps read or wrote the object. */
  readonly paths: readonly string[];
  readonly runs: readonly string[];
  readonly models: readonly string[];
}

/** A published version, and the file in it that differs from the registered one. */
export interface DamagedPublication {
  readonly model: string;
  readonly path: string;
}

/** What `verify` checked and found. */
export interface Verification {
  readonly isFast: boolean;
  readonly objects: number;
  readonly bytes: number;
  readonly runs: number;
  readonly artifacts: number;
  readonly sealed: number;
  readonly durationMs: number;
  readonly damaged: readonly DamagedObject[];
  readonly registry: readonly RegistryFault[];
  readonly publications: readonly DamagedPublication[];
}

/** Whether nothing is damaged. */
const isWhole = ({ damaged, registry, publications }: Verification): boolean =>
  damaged.length + registry.length + publications.length === 0;

/** The view of `verify`, and its verdict. */
export const presentVerification = (found: Verification): { readonly view: View; readonly isWhole: boolean } => ({
  view: verifyView(found),
  isWhole: isWhole(found),
});

function verifyView(found: Verification): View {
  const whole = isWhole(found);
  return {
    json: {
      whole,
      fast: found.isFast,
      checked: {
        objects: found.objects,
        bytes: found.bytes,
        runs: found.runs,
        artifacts: found.artifacts,
        sealed_rows: found.sealed,
      },
      duration_ms: Math.round(found.durationMs),
      damaged: found.damaged.map(({ hash, kind, state, found: is, within, paths, runs, models }) => ({
        object: hash,
        kind,
        state,
        found: is,
        within: [...within],
        paths: [...paths],
        runs: [...runs],
        models: [...models],
      })),
      registry: found.registry.map((one) => asJson(one)),
      published: found.publications.map((one) => asJson(one)),
    },
    parts: [
      line(
        whole ? toned('whole ', 'good') : toned('damaged ', 'bad'),
        `${plural(found.objects, 'stored object')} (${bytes(found.bytes)}), ${plural(found.sealed, 'sealed row')} of the registry, in ${span(found.durationMs)}`,
        found.isFast ? dim('  --fast: objects unchanged since their last check were not read again') : '',
      ),
      ...found.damaged.flatMap(damagedParts),
      ...found.registry.map(({ what, detail }) => line(toned('registry ', 'bad'), strong(what), `  ${detail}`)),
      ...found.publications.map(({ model, path }) =>
        line(toned('published ', 'bad'), strong(path), `  differs from the registered bytes of ${model}`),
      ),
      ...(whole ? [] : [line(dim('  → refit doctor says what can be repaired'))]),
    ],
  };
}

const LISTED = 5;

const listed = (names: readonly string[]): string =>
  `${names.slice(0, LISTED).join(', ')}${names.length > LISTED ? ` and ${names.length - LISTED} more` : ''}`;

function damagedParts({ hash, kind, state, found, within, paths, runs, models }: DamagedObject): readonly ViewPart[] {
  const what = found.length === 64 ? short(found as ContentHash) : found;
  return [
    line(
      toned(`${state} `, 'bad'),
      strong(short(hash)),
      `  ${paths.length === 0 ? kind : listed(paths)}${within.length === 0 ? '' : `, in folder ${within.map(short).join(', ')}`}`,
      dim(state === 'missing' ? '' : `  its bytes are ${what}`),
    ),
    line(
      dim('  touches '),
      models.length === 0 ? 'no model' : listed(models),
      dim(runs.length === 0 ? '' : `, ${runs.length === 1 ? 'run' : 'runs'} ${listed(runs)}`),
    ),
  ];
}
