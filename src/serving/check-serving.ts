import type { AliasMove, ModelVersion, OwedHook } from '../domain/models/model.js';
import { removedText } from '../domain/models/removed.js';
import type { ServingFinding } from '../domain/models/serving.js';
import type { Pipeline, PublishSpec } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { CHAMPION } from '../models/champion.js';
import { removedBytes } from '../models/removed-bytes.js';
import { verifyLedger } from '../models/verify-ledger.js';
import { hasLostBytes } from './publish/ensure-stored.js';
import { isIntact } from './publish/place-version.js';
import { folderName, manifestText, pointerText } from './publish/published-files.js';
import { isServingRecorded } from './publish/serve-recorded.js';
import { rewoundLedger, rewoundServing } from './rewound-registry.js';

type Dependencies = Pick<Services, 'registry' | 'files' | 'artifacts'>;

/** Larger folders are compared only by their `refit.json`, because comparing files means copying them all. */
const MOST_BYTES_COPIED = 256 * 2 ** 20;

/**
 * Differences between the registry and what a server would find: a link moved by hand, a model edited in place, an
 * outdated pointer, an interrupted publication. Also checks the ledger. The registry counts as right.
 */
export async function checkServing(
  services: Dependencies & Pick<Services, 'locks'>,
  pipeline: Pipeline,
): Promise<readonly ServingFinding[]> {
  const model = pipeline.model?.name;
  // Another process is working on it, so a half-done publication is no finding.
  if (model === undefined || services.locks.isHeld(pipeline.name)) return [];
  return [
    ...interrupted(services, pipeline),
    ...undelivered(services, pipeline),
    ...rewoundLedger(services),
    ...(await rewoundServing(services, pipeline)),
    ...(await checkFiles(services, pipeline)),
    ...verifyLedger(services).problems.map(
      (problem): ServingFinding => ({
        code: 'ledger-broken',
        path: '.refit/registry.db',
        expected: 'the ledger as it was written',
        found: problem.detail,
        repair: 'somebody wrote into the registry: compare it with a backup',
      }),
    ),
  ];
}

/** Checks only the published files, and that the store has the bytes. For a caller that holds the pipeline's lock. */
export async function checkFiles(services: Dependencies, pipeline: Pipeline): Promise<readonly ServingFinding[]> {
  const { models } = services.registry;
  const spec = pipeline.model?.publish;
  const move = pipeline.model === undefined ? undefined : models.alias(pipeline.model.name, CHAMPION);
  const version = move === undefined ? undefined : models.get({ model: move.model, version: move.to });
  if (move === undefined || version === undefined) return [];
  const repair = `refit promote ${move.model}@${move.to} --reason "…" puts it right`;
  return [
    ...(await checkStored(services, move, version)),
    ...(spec === undefined ? [] : await checkFolder(services, { spec, move, version, repair })),
  ];
}

async function checkStored(
  services: Dependencies,
  move: AliasMove,
  version: ModelVersion,
): Promise<readonly ServingFinding[]> {
  if (!(await hasLostBytes(services, move, version))) return [];
  const name = `${move.model}@${move.to}`;
  const removed = removedBytes(services, version.hash);
  return [
    {
      code: 'bytes-missing',
      path: '.refit/store',
      expected: `the bytes of ${name}, which serves`,
      found: removed === undefined ? 'nothing' : `nothing: ${removedText(removed)}`,
      repair: `refit promote ${name} --reason "…" stores them again from the published folder if it can, else says which versions can serve`,
    },
  ];
}

function interrupted({ registry }: Dependencies, pipeline: Pipeline): readonly ServingFinding[] {
  const model = pipeline.model?.name;
  if (model === undefined) return [];
  const { models } = registry;
  const repair = 'the next run, retrain, promote or rollback of the pipeline settles it';
  return [
    ...models
      .openIntents()
      .filter((one) => one.move.model === model)
      .map(
        ({ move, publishPath }): ServingFinding => ({
          code: 'publication-open',
          path: publishPath ?? model,
          expected: 'no publication under way',
          found: `that of ${model}@${move.to}, killed before its end`,
          repair,
        }),
      ),
    ...models.owedHooks(model).map(
      ({ move, hook }): ServingFinding => ({
        code: 'hook-owed',
        path: pipeline.model?.publish?.path ?? model,
        expected: `${hook} of ${model}@${move.to} has ended`,
        found: 'refit was interrupted before its end',
        repair,
      }),
    ),
  ];
}

/** Hooks of the version that serves that failed or were left out, and have not succeeded since. */
export function failedHooks(
  { registry }: Pick<Services, 'registry'>,
  { model }: Pick<Pipeline, 'model'>,
): readonly OwedHook[] {
  const move = model === undefined ? undefined : registry.models.alias(model.name, CHAMPION);
  if (move === undefined) return [];
  return registry.models.undelivered(move).filter(({ hook }) => model?.publish?.[hook] !== undefined);
}

/** The finding about failed hooks, for `status`, `doctor` and `retrain`. */
export function undelivered(
  services: Pick<Services, 'registry'>,
  pipeline: Pick<Pipeline, 'model'>,
): readonly ServingFinding[] {
  const failed = failedHooks(services, pipeline);
  const [first] = failed;
  if (first === undefined) return [];
  const name = `${first.move.model}@${first.move.to}`;
  return [
    {
      code: 'hook-failed',
      path: pipeline.model?.publish?.path ?? first.move.model,
      expected: `${failed.map(({ hook }) => hook).join(' and ')} of ${name} ${failed.length === 1 ? 'has' : 'have'} succeeded`,
      found: `${first.hook} of ${name} failed, and has not succeeded since`,
      repair: `correct it; then refit promote ${name} --reason "…" runs it again`,
    },
  ];
}

interface Serving {
  readonly spec: PublishSpec;
  readonly move: AliasMove;
  readonly version: ModelVersion;
  readonly repair: string;
}

async function checkFolder(services: Dependencies, serving: Serving): Promise<readonly ServingFinding[]> {
  const { spec, version, repair } = serving;
  const link = `${spec.path}/current`;
  const target = await services.files.readLink(link);
  const own = `versions/${folderName(version, 1)}`;
  const isOwn = target === own || (target?.startsWith(`${own}.`) ?? false);
  if (target === undefined || !isOwn) {
    const isThere = target === undefined && (await services.files.stat(link)) !== undefined;
    const code = isThere ? 'link-replaced' : target === undefined ? 'link-missing' : 'link-moved';
    const found = target ?? (isThere ? 'a file or folder that is no link' : 'nothing');
    return [{ code, path: link, expected: own, found, repair: isThere ? `remove it; then ${repair}` : repair }];
  }
  return [
    ...unrecorded(services, serving, link),
    ...(await checkContent(services, serving, `${spec.path}/${target}`)),
    ...(await checkPointer(services, serving, target)),
  ];
}

/** Serving a version that another machine promoted is recorded after the swap of the link. */
function unrecorded(
  { registry }: Dependencies,
  { spec, move, version }: Serving,
  path: string,
): readonly ServingFinding[] {
  if (!registry.models.isPulled(move)) return [];
  if (isServingRecorded({ registry }, version, spec.path)) return [];
  const expected = `a record that ${version.model}@${version.version} serves here`;
  const repair = 'the next refit pull records it';
  return [{ code: 'serving-unrecorded', path, expected, found: 'none: a pull was interrupted', repair }];
}

async function checkContent(
  services: Dependencies,
  { version, repair }: Serving,
  path: string,
): Promise<readonly ServingFinding[]> {
  const expected = `${version.model}@${version.version}, sha256 ${version.hash.slice(0, 12)}`;
  if ((await services.files.stat(path)) === undefined)
    return [{ code: 'folder-missing', path, expected, found: 'nothing', repair }];
  const isLarge = version.kind === 'folder' && version.size > MOST_BYTES_COPIED;
  const manifest = await services.files.readText(`${path}/refit.json`);
  const isWhole = manifest.ok && manifest.value === manifestText(version);
  if (isWhole && (isLarge || (await isIntact(services, version, path)))) return [];
  return [{ code: 'model-changed', path, expected, found: 'other content: somebody edited it in place', repair }];
}

async function checkPointer(
  services: Dependencies,
  { spec, move, version, repair }: Serving,
  target: string,
): Promise<readonly ServingFinding[]> {
  const path = `${spec.path}/current.json`;
  const expected = pointerText(version, target.slice('versions/'.length), move.generation);
  const text = await services.files.readText(path);
  if (text.ok && text.value === expected) return [];
  const what = `${version.model}@${version.version}, generation ${move.generation}`;
  if (text.ok) return [{ code: 'pointer-changed', path, expected: what, found: 'something else', repair }];
  // Published before pointers existed. The next publication writes one.
  if (move.trigger === undefined) return [];
  return [{ code: 'pointer-missing', path, expected: what, found: 'nothing', repair }];
}
