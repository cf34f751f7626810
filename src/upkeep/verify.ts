import type { Failure } from '../domain/failure.js';
import type { ContentHash, WorkspacePath } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { Removed } from '../domain/models/removed.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { ObjectFault, RegistryFault, StoredObject } from '../domain/upkeep.js';
import { findArtifact } from '../lineage/find-artifact.js';
import { CHAMPION } from '../models/champion.js';
import { removedBytes } from '../models/removed-bytes.js';
import { verifyLedger } from '../models/verify-ledger.js';
import { hasLostBytes } from '../serving/publish/ensure-stored.js';
import { allRewound } from '../serving/rewound-registry.js';
import type { DamagedObject, DamagedPublication, Verification } from './views/verify-view.js';

type Dependencies = Pick<Services, 'registry' | 'artifacts' | 'files' | 'clock' | 'memo' | 'datasets'>;

export interface VerifyOptions {
  /** Skip objects that are unchanged since their last check. */
  readonly isFast: boolean;
  /** Check only this artifact. `path` is the subject as a workspace path. */
  readonly only?: { readonly subject: string; readonly path: string };
}

/** Checks stored bytes, sealed rows and published files against the record, and lists what damaged objects affect. */
export async function verify(services: Dependencies, options: VerifyOptions): Promise<Result<Verification, Failure>> {
  const started = services.clock.monotonicMs();
  const chosen = await chooseObjects(services, options);
  if (!chosen.ok) return chosen;
  const { objects, expected } = chosen.value;
  // The list of names in a folder that a step read has the same hash as the folder, but cannot replace it.
  const here = new Set(objects.flatMap(({ kind, hash }) => (kind === 'listing' ? [] : [hash])));
  const removed =
    options.only === undefined ? (await removedChampions(services)).map(({ champion }) => champion.hash) : [];
  const lost = [...new Set([...expected, ...removed])]
    .filter((hash) => !here.has(hash))
    .map((hash): ObjectFault => ({ hash, kind: 'file', state: 'missing', found: 'nothing', within: [] }));
  const faults = [...lost, ...(await services.artifacts.upkeep.check(objects, options))];
  const isWhole = options.only === undefined;
  const ledger = isWhole ? verifyLedger(services).problems : [];
  const registry: readonly RegistryFault[] = isWhole
    ? [
        ...services.registry.upkeep.check(),
        ...ledger.map(({ code, detail }) => ({ what: code, detail })),
        ...(await rewound(services)),
      ]
    : [];
  return ok({
    isFast: options.isFast,
    objects: objects.length,
    bytes: objects.reduce((sum, object) => sum + object.size, 0),
    ...services.registry.upkeep.counts(),
    durationMs: services.clock.monotonicMs() - started,
    damaged: withoutRepeats(faults).map((fault) => touchedBy(services, fault)),
    registry,
    publications: isWhole ? await damagedPublications(services) : [],
  });
}

/** Signs that an older registry was put in place of this one. */
async function rewound(services: Dependencies): Promise<readonly RegistryFault[]> {
  return (await allRewound(services)).map(({ code, path, expected, found, repair }) => ({
    what: code,
    detail: `${path}: ${found}; expected ${expected}. ${repair}`,
  }));
}

/** Versions that serve although gc has removed their bytes, or they came without: the registry does not expect them in the store. */
export async function removedChampions(
  services: Pick<Services, 'registry' | 'artifacts' | 'files'>,
): Promise<readonly { readonly champion: ModelVersion; readonly removed: Removed }[]> {
  const { models } = services.registry;
  const found: { readonly champion: ModelVersion; readonly removed: Removed }[] = [];
  for (const model of models.names()) {
    const move = models.alias(model, CHAMPION);
    const version = move === undefined ? undefined : models.get({ model, version: move.to });
    const removed = version === undefined ? undefined : removedBytes(services, version.hash);
    if (move === undefined || version === undefined || removed === undefined) continue;
    if (await hasLostBytes(services, move, version)) found.push({ champion: version, removed });
  }
  return found;
}

interface Chosen {
  readonly objects: readonly StoredObject[];
  /** Objects that the store must have. */
  readonly expected: readonly ContentHash[];
}

async function chooseObjects(services: Dependencies, { only }: VerifyOptions): Promise<Result<Chosen, Failure>> {
  const objects = await services.artifacts.upkeep.list();
  const references = services.registry.upkeep.references().map((one) => one.hash);
  if (only === undefined) return ok({ objects, expected: [...new Set(references)] });
  const found = await findArtifact(services, only.subject, only.path);
  if (!found.ok) return found;
  const wanted = new Set(found.value.hashes);
  for (const hash of found.value.hashes)
    for (const member of (await services.artifacts.members(hash)) ?? []) wanted.add(member.hash);
  return ok({
    objects: objects.filter((object) => wanted.has(object.hash)),
    expected: [...new Set(references)].filter((hash) => found.value.hashes.includes(hash)),
  });
}

/** Removes duplicates: several folders may contain the same object. */
const withoutRepeats = (faults: readonly ObjectFault[]): readonly ObjectFault[] => [
  ...new Map(faults.map((fault) => [`${fault.hash} ${fault.kind}`, fault])).values(),
];

function touchedBy({ registry }: Pick<Services, 'registry'>, fault: ObjectFault): DamagedObject {
  const known = [fault.hash, ...fault.within];
  const uses = known.flatMap((hash) => registry.runs.usesOf(hash));
  const down = registry.runs.downstream(known);
  const judged = registry.models.withPredictions(fault.hash);
  const runs = [...new Set([...down.runs.map((one) => one.run), ...registry.runs.withDiff(fault.hash)])];
  const versions = [
    ...down.versions,
    ...known.flatMap((hash) => registry.models.withHash(hash)),
    ...judged,
    ...runs.flatMap((run) => registry.models.ofRun(run)),
  ];
  return {
    ...fault,
    paths: [...new Set(uses.map((use) => use.path))],
    runs,
    models: [...new Set(versions.map(({ model, version }) => `${model}@${version}`))],
  };
}

/** Published versions whose files differ from the registered ones. */
export async function damagedPublications(
  services: Pick<Services, 'registry' | 'artifacts' | 'files'>,
): Promise<readonly DamagedPublication[]> {
  const found: DamagedPublication[] = [];
  const seen = new Set<string>();
  for (const { model, version, path, folder } of services.registry.upkeep.publications()) {
    const place = `${path}/versions/${folder}`;
    if (seen.has(place)) continue;
    seen.add(place);
    const registered = services.registry.models.get({ model, version });
    if (registered === undefined || (await services.files.stat(place)) === undefined) continue;
    const problem =
      registered.kind === 'file'
        ? await otherFile(services, `${place}/${registered.path.split('/').at(-1)}`, registered.hash)
        : await otherMember(services, place, registered.hash);
    if (problem !== undefined) found.push({ model: `${model}@${version}`, path: problem });
  }
  return found;
}

async function otherFile(
  { artifacts }: Pick<Services, 'artifacts'>,
  path: string,
  hash: ContentHash,
): Promise<string | undefined> {
  const now = (await artifacts.hash([path as WorkspacePath])).get(path as WorkspacePath)?.hash;
  return now === hash ? undefined : path;
}

async function otherMember(
  services: Pick<Services, 'artifacts'>,
  place: string,
  hash: ContentHash,
): Promise<string | undefined> {
  for (const member of (await services.artifacts.members(hash)) ?? []) {
    const other = await otherFile(services, `${place}/${member.path}`, member.hash);
    if (other !== undefined) return other;
  }
  return undefined;
}
