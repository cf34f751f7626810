import type { Failure } from '../domain/failure.js';
import type { PipelineName, WorkspacePath } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import { removedText } from '../domain/models/removed.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { toIso } from '../domain/support/time.js';
import type { Publication, StoredObject } from '../domain/upkeep.js';
import { abandonedContainers } from '../execute/containers/container-records.js';
import { discardJobs } from '../execute/executors/executors.js';
import { leftOnNodes } from '../execute/executors/job-folder.js';
import { type AbandonedJob, abandonedJobs } from '../execute/executors/open-jobs.js';
import { CHAMPION } from '../models/champion.js';
import { futureDecisions } from '../models/ledger.js';
import { verifyLedger } from '../models/verify-ledger.js';
import { isLost } from '../run/is-lost.js';
import { undelivered as undeliveredHooks } from '../serving/check-serving.js';
import { declaredPipelines } from '../serving/judge-pulled.js';
import { withPipelineLock } from '../serving/pipeline-lock.js';
import { ensureStored } from '../serving/publish/ensure-stored.js';
import { servePublished } from '../serving/publish/serve-recorded.js';
import { allRewound } from '../serving/rewound-registry.js';
import { executorAilments } from './executor-ailments.js';
import { damagedPublications, removedChampions } from './verify.js';
import type { Ailment } from './views/upkeep-view.js';

/** A problem and its repair. Without `mend` it must be repaired by hand. */
interface Finding extends Ailment {
  readonly mend?: (waitMs?: number) => Promise<Result<void, Failure>>;
}

export interface DoctorOptions {
  readonly isRepairing: boolean;
  /** For the lock of each pipeline in which something is repaired. */
  readonly waitMs?: number;
}

/** Finds problems without reading file contents, which `verify` does. With `isRepairing` also repairs and reports the results. */
export async function doctor(services: Services, { isRepairing, waitMs }: DoctorOptions): Promise<readonly Ailment[]> {
  const rewound = await rewoundRegistry(services);
  // An older registry must not say what serves.
  const found = isRepairing && rewound.length > 0 ? rewound : [...rewound, ...(await examine(services))];
  if (!isRepairing) return found.map(({ mend, ...ailment }) => ({ ...ailment, canMend: mend !== undefined }));
  const treated: Ailment[] = [];
  for (const { mend, ...ailment } of found) {
    if (mend === undefined) treated.push({ ...ailment, canMend: false });
    else {
      const mended = await mend(waitMs);
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
  const left = await abandonedJobs(services, (run) => isLost(services, run));
  return [
    ...broken.map(
      ({ what, detail }): Finding => ({
        code: 'registry-damaged',
        what: `${what}: ${detail}`,
        remedy:
          'replace it with a backup (made by "refit registry backup"), or use "refit why" to see what is still intact',
      }),
    ),
    ...brokenLedger(services),
    ...futureDecided(services),
    ...lostRuns(services),
    ...openJournals(services, left),
    ...(await leftContainers(services)),
    ...(await containersOnNodes(services)),
    ...leftJobs(services, left),
    ...(await executorAilments(services)),
    ...openIntents(services),
    ...(await failedDeliveries(services)),
    ...(await brokenLinks(services)),
    ...(await halfPublished(services)),
    ...(await lostObjects(services)),
    ...(await lostChampions(services)),
    ...(await leftovers(services)),
  ];
}

/** Repairs under the lock of the pipeline. Taking the lock already repairs interrupted runs and publications. */
const underLock =
  (services: Services, pipeline: string, work: () => Promise<Result<void, Failure>>) =>
  (waitMs?: number): Promise<Result<void, Failure>> =>
    withPipelineLock(services, { name: pipeline as PipelineName }, waitMs, work);

const nothingMore = async (): Promise<Result<void, Failure>> => ok(undefined);

const rewoundRegistry = async (services: Services): Promise<readonly Finding[]> =>
  (await allRewound(services)).map(({ code, path, expected, found, repair }) => ({
    code,
    what: `${path}: expected ${expected}, found ${found}`,
    remedy: repair,
  }));

const brokenLedger = (services: Services): readonly Finding[] =>
  verifyLedger(services).problems.map(({ detail }) => ({
    code: 'ledger-broken',
    what: detail,
    remedy: 'the registry was changed by hand: compare it with a backup (made by "refit registry backup")',
  }));

/** Decisions of a machine whose clock was ahead. Append-only, so there is nothing to mend in the registry. */
function futureDecided(services: Services): readonly Finding[] {
  return services.registry.runs.pipelines().flatMap((name): readonly Finding[] => {
    // A later `--now` is a person's choice, which "status" names; it is no fault of a machine.
    const ahead = futureDecisions(services, name).filter(({ cause }) => cause === 'clock-ahead');
    const [newest, ...others] = ahead;
    if (newest === undefined) return [];
    return [
      {
        code: 'decision-in-the-future',
        what: `${others.length + 1} of the decisions on ${name} lie in the future, up to ${newest.id} at ${toIso(newest.now)}, made by ${newest.actor}`,
        remedy: 'set the clock of that machine right; until then these decisions are ignored, and later ones go on',
      },
    ];
  });
}

function lostRuns(services: Services): readonly Finding[] {
  return services.registry.runs
    .unfinished()
    .filter(({ run }) => isLost(services, run))
    .map(({ run }) => ({
      code: 'lost-run',
      what: `run ${run.id} of ${run.pipeline} is recorded as running, but its process has ended`,
      remedy: 'mark it lost, end its remaining processes, restore its last good outputs',
      mend: underLock(services, run.pipeline, nothingMore),
    }));
}

/** What a job replaces that may still end well is no fault. */
function openJournals(services: Services, left: readonly AbandonedJob[]): readonly Finding[] {
  const { runs } = services.registry;
  return runs.openBackups().flatMap((backup): readonly Finding[] => {
    const run = runs.get(backup.run);
    const isWorkedOn = left.some((job) => job.run === backup.run && job.step === backup.step);
    if (run === undefined || run.status === 'running' || isWorkedOn) return [];
    return [
      {
        code: 'stale-journal',
        what: `the journal of step "${backup.step}" of run ${backup.run} is still open for ${backup.path}`,
        remedy: backup.asidePath === undefined ? 'remove the incomplete output' : 'restore the last good output',
        mend: underLock(services, run.pipeline, nothingMore),
      },
    ];
  });
}

async function leftContainers(services: Services): Promise<readonly Finding[]> {
  return (await abandonedContainers(services)).map(({ name, engine, pipeline }) => ({
    code: 'container-left',
    what: `the container ${name} was started by a refit that was killed, and may still run`,
    remedy: `end and remove it with ${engine}`,
    mend: underLock(services, pipeline, nothingMore),
  }));
}

/** The engines of other machines cannot be asked from here. */
async function containersOnNodes(services: Services): Promise<readonly Finding[]> {
  return (await leftOnNodes(services)).map(({ name, engine, node, step, recordPath }) => ({
    code: 'container-left',
    what: `the container ${name} of step "${step}" may still run on node ${node}: the program that started it was killed`,
    remedy: `on that node type "${engine} rm --force ${name}"; then remove ${recordPath}`,
  }));
}

/** A job that goes on may end well: the next run of its pipeline collects what it made. So only a repair cancels it. */
function leftJobs(services: Services, left: readonly AbandonedJob[]): readonly Finding[] {
  return left.map((job) => ({
    code: 'job-left',
    what: `${job.id === undefined ? 'a job' : `job ${job.id}`} of ${job.engine === 'slurm' ? 'Slurm' : 'Kubernetes'}, of step "${job.step}" of ${job.pipeline} (run ${job.run}) was submitted by a refit that was killed, and may still run`,
    remedy: `cancel it, and restore the last good outputs; "refit run ${job.pipeline}" goes on with it instead`,
    mend: underLock(services, job.pipeline, () => discardJobs(services, job)),
  }));
}

function openIntents(services: Services): readonly Finding[] {
  return services.registry.models.openIntents().map(({ move }) => {
    const version = services.registry.models.get({ model: move.model, version: move.to });
    const pipeline = version === undefined ? move.model : pipelineOf(services, version);
    return {
      code: 'open-publication',
      what: `publishing ${move.model}@${move.to} was interrupted`,
      remedy: 'complete it if "current" already points to it, else abandon it',
      mend: underLock(services, pipeline, nothingMore),
    };
  });
}

/** A hook may change the world outside, so only `promote` runs it again, with a reason. */
async function failedDeliveries(services: Services): Promise<readonly Finding[]> {
  const pipelines = [...(await declaredPipelines(services)).values()];
  return pipelines.flatMap((pipeline) =>
    pipeline === 'invalid' || services.locks.isHeld(pipeline.name)
      ? []
      : undeliveredHooks(services, pipeline).map(({ code, path, found, repair }) => ({
          code,
          what: `${found}: ${path}`,
          remedy: repair,
        })),
  );
}

/** Where each model is published now, which is the newest publication path. */
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

/** `current` links that dangle or point to another version than the registry says, and published files that were changed. */
async function brokenLinks(services: Services): Promise<readonly Finding[]> {
  const other = new Map((await damagedPublications(services)).map(({ model, path }) => [model, path]));
  const found: Finding[] = [];
  for (const place of placesOf(services)) {
    const champion = championAt(services, place);
    if (champion === undefined) continue;
    const name = `${champion.model}@${champion.version}`;
    const link = `${place.path}/current`;
    if ((await services.files.readLink(link)) === undefined && (await services.files.stat(link)) !== undefined) {
      found.push({
        code: 'not-served',
        what: `${link} is a file or folder and not a link, so ${name} is not served`,
        remedy: `remove it; then refit promote ${name} --reason "…" puts the link there again`,
      });
      continue;
    }
    const problem = await linkProblem(services, place, champion);
    const damaged = other.get(name);
    if (problem === undefined && damaged === undefined) continue;
    found.push({
      code: 'not-served',
      what: problem ?? `${damaged} differs from the registered bytes of ${name}`,
      remedy: `publish ${name} again from the store, and point "current" to it`,
      mend: underLock(services, pipelineOf(services, champion), () =>
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
  if (link === undefined) return `${path}/current is not a link, so ${model} is not served`;
  if ((await files.stat(`${path}/${link}`)) === undefined)
    return `${path}/current points to ${link}, which does not exist`;
  const number = Number(/^versions\/(\d+)-/.exec(link)?.[1]);
  return number === champion.version
    ? undefined
    : `${path}/current points to ${link}, but the registry says that version ${champion.version} serves`;
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
        remedy: 'remove it: it never served',
        mend: underLock(services, pipelineOf(services, champion), async () => {
          await services.files.remove(path);
          return ok(undefined);
        }),
      });
    }
  }
  return found;
}

/** Objects missing from the store. The repair copies the same bytes from the workspace, if they are there. */
async function lostObjects(services: Services): Promise<readonly Finding[]> {
  const { upkeep } = services.artifacts;
  const objects = await upkeep.list();
  const here = new Set(objects.map((object) => object.hash));
  const lost = services.registry.upkeep.references().map((one) => one.hash);
  const rotten = await upkeep.check(objects, { isFast: true });
  const found: Finding[] = [];
  for (const hash of new Set([...lost.filter((one) => !here.has(one)), ...rotten.map((fault) => fault.hash)])) {
    const path = await findCopy(services, hash);
    const damaged = objects.filter((object) => object.hash === hash);
    found.push({
      code: 'object-missing',
      what: `the store has ${damaged.length === 0 ? 'lost' : 'other bytes for'} ${hash.slice(0, 12)}${nameOf(services, hash)}`,
      remedy:
        path === undefined
          ? 'run its step again, or pull it from a remote: the workspace has no copy'
          : `store it again from ${path}, which has the same bytes`,
      mend: path === undefined ? undefined : () => storeAgain(services, path, damaged),
    });
  }
  return found;
}

/** Champions whose bytes gc removed, or that came without. Other lost ones are named by `lostObjects`. */
async function lostChampions(services: Services): Promise<readonly Finding[]> {
  return (await removedChampions(services)).map(({ champion, removed }) => ({
    code: 'object-missing',
    what: `the store does not have the bytes of ${champion.model}@${champion.version}, which serves: ${removedText(removed)}`,
    remedy: 'store it again from the published folder if that has the same bytes, else serve another version',
    mend: underLock(services, pipelineOf(services, champion), () => ensureStored(services, champion)),
  }));
}

/** Removes the damaged object first, because the store skips objects that exist with the right size. */
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

/** A copy of the bytes where a step wrote them or where they were published. */
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
    remedy: 'remove it',
    mend: async () => {
      await files.remove(path);
      return ok(undefined);
    },
  }));
}
