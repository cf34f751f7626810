import type { Failure } from '../domain/failure.js';
import type { RunId } from '../domain/ids.js';
import type { ServingFinding } from '../domain/models/serving.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { CHAMPION } from '../models/champion.js';
import { declaredPipelines } from './judge-pulled.js';

const REPAIR =
  'get the newer registry back: refit registry restore <file>, or refit pull <remote>; if it is lost: refit registry accept --reason "…"';

type Dependencies = Pick<Services, 'registry' | 'files'>;

/** Says that the file beside the registry knows of more ledger entries than the registry. */
export function rewoundLedger({ registry }: Pick<Services, 'registry'>): readonly ServingFinding[] {
  const rewound = registry.upkeep.rewound();
  if (rewound === undefined) return [];
  return [
    {
      code: 'registry-rewound',
      path: '.refit/registry.db',
      expected: `${rewound.seen} entries of the ledger`,
      found: `${rewound.here}: an older registry was put in place, by a checkout or a copy`,
      repair: REPAIR,
    },
  ];
}

/** Says that the published folder comes from a later move than the registry has, or from a run that it does not know. */
export async function rewoundServing(
  services: Dependencies,
  { model }: Pick<Pipeline, 'model'>,
): Promise<readonly ServingFinding[]> {
  const published = await publishedBeyond(services, { model });
  return published === undefined ? [] : [published.finding];
}

interface PublishedBeyond {
  readonly finding: ServingFinding;
  /** Identifies the publication, for `registry accept`. */
  readonly mark: string;
}

/** What is published and newer than the registry, unless a person accepted that. */
async function publishedBeyond(
  services: Dependencies,
  { model }: Pick<Pipeline, 'model'>,
): Promise<PublishedBeyond | undefined> {
  if (model?.publish === undefined) return undefined;
  const published = await readPublished(services, model.publish.path);
  if (published?.model !== model.name) return undefined;
  const { path, generation = 0, run } = published;
  const { models, runs, upkeep } = services.registry;
  const mark = `${generation} ${run ?? ''}`;
  const known = models.highestGeneration(model.name, CHAMPION);
  const isKnown = run === undefined || runs.get(run) !== undefined;
  if ((generation <= known && isKnown) || upkeep.accepted()[path] === mark) return undefined;
  const difference =
    generation > known
      ? {
          expected: `at most move ${known}, the last one in the registry`,
          found: `move ${generation}: the registry is older than what serves`,
        }
      : { expected: 'a run that the registry knows', found: `run ${run}: the registry is older than what serves` };
  return { finding: { code: 'registry-rewound', path, ...difference, repair: REPAIR }, mark };
}

interface Published {
  readonly model: string;
  readonly path: string;
  readonly generation?: number;
  readonly run?: RunId;
}

/** What `current.json` says or, without one, `refit.json` in the folder that serves. */
export async function readPublished(
  { files }: Pick<Dependencies, 'files'>,
  folder: string,
): Promise<Published | undefined> {
  for (const path of [`${folder}/current.json`, `${folder}/current/refit.json`]) {
    const text = await files.readText(path);
    if (text.ok) return publishedIn(path, text.value);
  }
  return undefined;
}

function publishedIn(path: string, text: string): Published | undefined {
  try {
    const said: unknown = JSON.parse(text);
    if (typeof said !== 'object' || said === null) return undefined;
    const { model, generation, run } = said as Readonly<Record<string, unknown>>;
    if (typeof model !== 'string') return undefined;
    return {
      path,
      model,
      generation: typeof generation === 'number' ? generation : undefined,
      run: typeof run === 'string' ? (run as RunId) : undefined,
    };
  } catch {
    return undefined;
  }
}

/**
 * Refuses to go on with a registry that is older than what it made: a training would judge against the wrong champion and
 * publish over the right one. Asks about one pipeline or, without it, about all that are declared here.
 */
export async function refuseRewound(
  services: Dependencies & Pick<Services, 'memo' | 'datasets' | 'isScratch'>,
  pipeline?: Pick<Pipeline, 'model'>,
): Promise<Result<void, Failure>> {
  // A scratch workspace has a registry of its own.
  if (services.isScratch === true) return ok(undefined);
  const [first] = [
    ...rewoundLedger(services),
    ...(pipeline === undefined
      ? (await allBeyond(services)).map(({ finding }) => finding)
      : await rewoundServing(services, pipeline)),
  ];
  if (first === undefined) return ok(undefined);
  const { path, expected, found } = first;
  return err({ code: 'registry-rewound', path, expected, found });
}

async function allBeyond(
  services: Dependencies & Pick<Services, 'memo' | 'datasets'>,
): Promise<readonly (PublishedBeyond & { readonly model: Pipeline['model'] })[]> {
  const found = [];
  for (const pipeline of (await declaredPipelines(services)).values()) {
    const beyond = pipeline === 'invalid' ? undefined : await publishedBeyond(services, pipeline);
    if (pipeline !== 'invalid' && beyond !== undefined) found.push({ ...beyond, model: pipeline.model });
  }
  return found;
}

/** All signs in the workspace that the registry is older than what it made. */
export const allRewound = async (
  services: Dependencies & Pick<Services, 'memo' | 'datasets'>,
): Promise<readonly ServingFinding[]> => [
  ...rewoundLedger(services),
  ...(await allBeyond(services)).map(({ finding }) => finding),
];

/**
 * Takes the registry for the right one from now on, although newer moves are lost. The ledger keeps the reason, as a note on
 * each model. Returns what was accepted.
 */
export async function acceptRegistry(
  services: Dependencies & Pick<Services, 'memo' | 'datasets' | 'clock' | 'surroundings'>,
  reason: string,
): Promise<readonly ServingFinding[]> {
  const { registry, clock, surroundings } = services;
  const beyond = await allBeyond(services);
  const found = [...rewoundLedger(services), ...beyond.map(({ finding }) => finding)];
  if (found.length === 0) return [];
  const lost = found.map(({ path, expected, found: is }) => `${path}: expected ${expected}, found ${is}`).join('; ');
  const models = new Set([...registry.models.names(), ...beyond.flatMap(({ model }) => model?.name ?? [])]);
  for (const model of models)
    registry.models.recordNote({
      model,
      version: undefined,
      text: `registry accepted: ${reason} (${lost})`,
      actor: surroundings.actor(),
      notedAt: clock.now(),
    });
  const accepted = Object.fromEntries(beyond.map(({ finding, mark }) => [finding.path, mark]));
  registry.upkeep.accept({ ...registry.upkeep.accepted(), ...accepted });
  return found;
}
