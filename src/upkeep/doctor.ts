import type { Failure } from '../domain/failure.js';
import type { PipelineName, WorkspacePath } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { Publication, StoredObject } from '../domain/upkeep.js';
import { CHAMPION } from '../models/reference.js';
import { verifyLedger } from '../models/verify-ledger.js';
import { isLost } from '../run/is-lost.js';
import { withPipelineLock } from '../serving/pipeline-lock.js';
import { servePublished } from '../serving/publish/publish.js';
import { damagedPublications } from './verify.js';
import type { Ailment } from './views/upkeep-view.js';

/** An ailment and what mends it; without `mend` only a human can. */
interface Finding extends Ailment {
  readonly mend?: () => Promise<Result<void, Failure>>;
}

/** Everything that is not as it should be, and with `isRepairing` what became of mending it. Finds by looking; `verify` reads every byte. */
export async function doctor(services: Services, isRepairing: boolean): Promise<readonly Ailment[]> {
  const found = await examine(services);
  if (!isRepairing) return found.map(({ mend, ...ailment }) => ({ ...ailment, canMend: mend !== undefined }));
  const treated: Ailment[] = [];
  for (const { mend, ...ailment } of found) {
    if (mend === undefined) treated.push({ ...ailment, canMend: false });
    else {
      const mended = await mend();
      treated.push({
        ...ailment,
        canMend: true,
        isMended: mended.ok,
        ...(mended.ok ? {} : { failure: mended.error }),
      });
    }
  }
  return treated;
}

async function examine(services: Services): Promise<readonly Finding[]> {
  const broken = services.registry.upkeep.check();
  return [
    ...broken.map(
      ({ what, detail }): Finding => ({
        code: 'registry-damaged',
        what: `${what}: ${detail}`,
        remedy: 'put a backup in its place (refit registry backup makes them), or ask "refit why" what is still sound',
      }),
    ),
    ...brokenLedger(services),
    ...lostRuns(services),
    ...(await openJournals(services)),
    ...openIntents(services),
    ...(await brokenLinks(services)),
    ...(await halfPublished(services)),
    ...(await lostObjects(services)),
    ...(await leftovers(services)),
  ];
}

/** Work on what belongs to a pipeline is done by who holds its lock; taking it repairs what runs and publications left. */
const underLock = (
  services: Services,
  pipeline: string,
  work: () => Promise<Result<void, Failure>>,
): Promise<Result<void, Failure>> => withPipelineLock(services, { name: pipeline as PipelineName }, undefined, work);

const nothingMore = async (): Promise<Result<void, Failure>> => ok(undefined);

const brokenLedger = (services: Services): readonly Finding[] =>
  verifyLedger(services).problems.map(({ detail }) => ({
    code: 'ledger-broken',
    what: detail,
    remedy: 'somebody wrote into the registry: compare it with a backup (refit registry backup makes them)',
  }));

function lostRuns(services: Services): readonly Finding[] {
  return services.registry.runs
    .unfinished()
    .filter(({ run }) => isLost(services, run))
    .map(({ run }) => ({
      code: 'lost-run',
      what: `run ${run.id} of ${run.pipeline} is recorded as running, and its process is gone`,
      remedy: 'mark it lost, end what it left running, put its last good outputs back',
      mend: () => underLock(services, run.pipeline, nothingMore),
    }));
}

async function openJournals(services: Services): Promise<readonly Finding[]> {
  const { runs } = services.registry;
  return runs.openBackups().flatMap((backup): readonly Finding[] => {
    const run = runs.get(backup.run);
    if (run === undefined || run.status === 'running') return [];
    return [
      {
        code: 'stale-journal',
        what: `the journal of step "${backup.step}" of run ${backup.run} is still open for ${backup.path}`,
        remedy: backup.asidePath === undefined ? 'take away what is half made there' : 'put the last good output back',
        mend: () => underLock(services, run.pipeline, nothingMore),
      },
    ];
  });
}

function openIntents(services: Services): readonly Finding[] {
  return services.registry.models.openIntents().map((intent) => ({
    code: 'open-publication',
    what: `publishing ${intent.move.model}@${intent.move.to} was interrupted`,
    remedy: 'complete it where "current" already points at it, else give it up',
    mend: () => {
      const version = services.registry.models.get({ model: intent.move.model, version: intent.move.to });
      return underLock(
        services,
        version === undefined ? intent.move.model : pipelineOf(services, version),
        nothingMore,
      );
    },
  }));
}

/** Where a model is published now: the newest place it was put to. */
function placesOf(services: Pick<Services, 'registry'>): readonly Publication[] {
  const newest = new Map<string, Publication>();
  for (const publication of services.registry.upkeep.publications()) {
    if (!newest.has(publication.model)) newest.set(publication.model, publication);
  }
  return [...newest.values()];
}

function championAt(services: Pick<Services, 'registry'>, { model }: Publication): ModelVersion | undefined {
  const { models } = services.registry;
  const move = models.alias(model, CHAMPION);
  return move === undefined ? undefined : models.get({ model, version: move.to });
}

const pipelineOf = ({ registry }: Pick<Services, 'registry'>, version: ModelVersion): string =>
  registry.runs.get(version.run)?.pipeline ?? version.model;

/** `current` that leads nowhere, or elsewhere than the registry says; and files in it that are not the registered ones. */
async function brokenLinks(services: Services): Promise<readonly Finding[]> {
  const other = new Map((await damagedPublications(services)).map(({ model, path }) => [model, path]));
  const found: Finding[] = [];
  for (const place of placesOf(services)) {
    const champion = championAt(services, place);
    if (champion === undefined) continue;
    const name = `${champion.model}@${champion.version}`;
    const problem = await linkProblem(services, place, champion);
    const damaged = other.get(name);
    if (problem === undefined && damaged === undefined) continue;
    found.push({
      code: 'not-served',
      what: problem ?? `${damaged} is not what ${name} was registered with`,
      remedy: `put ${name} from the store there again, and point "current" at it`,
      mend: () =>
        underLock(services, pipelineOf(services, champion), () =>
          servePublished(services, champion, {
            path: place.path,
            alias: CHAMPION,
            found: [problem ?? `${damaged} was changed`],
          }),
        ),
    });
  }
  return found;
}

async function linkProblem(
  { files }: Pick<Services, 'files'>,
  { path, model }: Publication,
  champion: ModelVersion,
): Promise<string | undefined> {
  const link = await files.readLink(`${path}/current`);
  if (link === undefined) return `${path}/current is no link: nothing serves ${model}`;
  if ((await files.stat(`${path}/${link}`)) === undefined) return `${path}/current leads to ${link}, which is gone`;
  const number = Number(/^versions\/(\d+)-/.exec(link)?.[1]);
  return number === champion.version
    ? undefined
    : `${path}/current leads to ${link}, and the registry says that version ${champion.version} serves`;
}

async function halfPublished(services: Services): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const place of placesOf(services)) {
    const champion = championAt(services, place);
    if (champion === undefined || services.locks.isHeld(pipelineOf(services, champion) as PipelineName)) continue;
    const names = await services.files.listFolder(`${place.path}/versions`);
    for (const name of names.filter((one) => one.startsWith('.staging-'))) {
      const path = `${place.path}/versions/${name}`;
      found.push({
        code: 'half-published',
        what: `${path} was being published when refit died`,
        remedy: 'take it away: it never served',
        mend: () =>
          underLock(services, pipelineOf(services, champion), async () => {
            await services.files.remove(path);
            return ok(undefined);
          }),
      });
    }
  }
  return found;
}

/** Objects that are not in the store and should be; healed from wherever the same bytes still lie. */
async function lostObjects(services: Services): Promise<readonly Finding[]> {
  const { upkeep } = services.artifacts;
  const objects = await upkeep.list();
  const here = new Set(objects.map((object) => object.hash));
  const lost = services.registry.upkeep.references().map((one) => one.hash);
  const rotten = await upkeep.check(objects, true);
  const found: Finding[] = [];
  for (const hash of new Set([...lost.filter((one) => !here.has(one)), ...rotten.map((fault) => fault.hash)])) {
    const path = await findCopy(services, hash);
    const damaged = objects.filter((object) => object.hash === hash);
    found.push({
      code: 'object-missing',
      what: `the store has ${damaged.length === 0 ? 'lost' : 'other bytes for'} ${hash.slice(0, 12)}${nameOf(services, hash)}`,
      remedy:
        path === undefined
          ? 'run its step again, or pull it from a remote: no copy lies in the workspace'
          : `store it again from ${path}, which holds the same bytes`,
      mend: path === undefined ? undefined : () => storeAgain(services, path, damaged),
    });
  }
  return found;
}

/** An object of the right size counts as there, and would not be written again. */
async function storeAgain(
  { artifacts }: Pick<Services, 'artifacts'>,
  path: WorkspacePath,
  damaged: readonly StoredObject[],
): Promise<Result<void, Failure>> {
  await artifacts.upkeep.remove(damaged);
  const saved = await artifacts.save(path);
  return saved.ok ? ok(undefined) : saved;
}

function nameOf({ registry }: Pick<Services, 'registry'>, hash: Publication['folder']): string {
  const [version] = registry.models.withHash(hash as ModelVersion['hash']);
  if (version !== undefined) return `, which is ${version.model}@${version.version}`;
  const maker = registry.runs.makerOf(hash as ModelVersion['hash']);
  return maker === undefined ? '' : `, which step "${maker.step}" of run ${maker.run} wrote to ${maker.path}`;
}

/** Where steps wrote it, and where it was published. */
async function findCopy(services: Services, hash: ModelVersion['hash']): Promise<WorkspacePath | undefined> {
  const written = services.registry.runs.usesOf(hash).map((use) => use.path);
  const published = services.registry.models.withHash(hash).flatMap((version) =>
    services.registry.upkeep
      .publications()
      .filter((one) => one.model === version.model && one.version === version.version)
      .map((one) => `${one.path}/versions/${one.folder}/${version.path.split('/').at(-1)}` as WorkspacePath),
  );
  const paths = [...new Set([...written, ...published])];
  const now = await services.artifacts.hash(paths);
  return paths.find((path) => now.get(path)?.hash === hash);
}

async function leftovers(services: Services): Promise<readonly Finding[]> {
  const { files, artifacts } = services;
  const inStore = await artifacts.upkeep.leftovers();
  return inStore.map((path) => ({
    code: 'leftover',
    what: path.includes('/damaged/')
      ? `${path} was found damaged and set aside`
      : `${path} was being stored when refit died`,
    remedy: 'take it away',
    mend: async () => {
      await files.remove(path);
      return ok(undefined);
    },
  }));
}
