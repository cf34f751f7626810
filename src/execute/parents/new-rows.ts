import { timeKey } from '../../data/datasets/dataset-files.js';
import type { ResolvedDataset } from '../../domain/data/dataset.js';
import type { Failure } from '../../domain/failure.js';
import type { ContentHash, ModelName, StepName, WorkspacePath } from '../../domain/ids.js';
import type { Dataset, Pipeline } from '../../domain/pipeline/pipeline.js';
import type { TableSource } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import type { ArtifactUse } from '../../domain/runs/artifact.js';
import type { BaseData, StepParents } from '../../domain/runs/parents.js';
import { baseName } from '../../domain/support/paths.js';
import { ok, type Result } from '../../domain/support/result.js';
import { earlierPlace, newRowsPlace } from '../../models/parents.js';
import { datasetOfWindow, isNewWindow } from '../../pipeline/starts-from.js';
import { newRecords } from './new-lines.js';

export interface NewRows {
  /** Words of `${{ window.new }}`, by the value. */
  readonly windows: Readonly<Record<string, readonly string[]>>;
  /** Earlier bytes of files that have changed since, which told what is new in them. */
  readonly reads: readonly ArtifactUse[];
}

interface Asked {
  readonly step: StepName;
  readonly pipeline: Pipeline;
  readonly parents: StepParents;
  readonly datasets: ReadonlyMap<string, ResolvedDataset>;
  /** What the step reads, with its hashes. */
  readonly uses: readonly ArtifactUse[];
}

/** Rows that are there now and were not when the champion was trained, by content: whole files where they are new. */
export async function newRowsOf(services: Services, asked: Asked): Promise<Result<NewRows, Failure>> {
  const windows: Record<string, readonly string[]> = {};
  const reads: ArtifactUse[] = [];
  for (const [name, parent] of asked.parents) {
    if (!isNewWindow(name)) continue;
    const dataset = datasetOfWindow(name, asked.pipeline.datasets);
    const resolved = asked.datasets.get(dataset);
    const declared = asked.pipeline.datasets.find((one) => one.name === dataset);
    const { model } = asked.pipeline;
    if (resolved === undefined || declared === undefined || model === undefined) continue;
    if (parent === undefined) {
      windows[name] = resolved.files;
      continue;
    }
    const found = await newFiles(services, {
      step: asked.step,
      model: model.name,
      declared,
      resolved,
      base: parent.base ?? { files: [] },
      uses: asked.uses,
    });
    if (!found.ok) return found;
    windows[name] = found.value.files;
    reads.push(...found.value.reads);
  }
  return ok({ windows, reads });
}

interface Compared {
  readonly step: StepName;
  readonly model: ModelName;
  readonly declared: Dataset;
  readonly resolved: ResolvedDataset;
  readonly base: BaseData;
  readonly uses: readonly ArtifactUse[];
}

async function newFiles(
  services: Services,
  { step, model, declared, resolved, base, uses }: Compared,
): Promise<Result<{ readonly files: readonly WorkspacePath[]; readonly reads: readonly ArtifactUse[] }, Failure>> {
  const hashes = new Map(uses.map((use) => [use.path, use.artifact.hash]));
  const known = new Set<string>(base.files.map((one) => one.hash));
  const files: WorkspacePath[] = [];
  const reads: ArtifactUse[] = [];
  for (const [i, source] of resolved.sources.entries()) {
    const file = resolved.files[i] ?? source;
    const hash = hashes.get(source);
    const then = base.files.find((one) => one.path === source)?.hash;
    const to = newRowsPlace(model, { step, dataset: declared.name, source });
    const isKnown = hash !== undefined && known.has(hash);
    const part = isKnown
      ? await besideCut(services, { declared, resolved, file, to, base })
      : then === undefined
        ? ok({ file })
        : await changedPart(services, { model, declared, file, source, to, then, base });
    if (!part.ok) return part;
    if (part.value.file !== undefined) files.push(part.value.file);
    if ('read' in part.value && part.value.read !== undefined) reads.push(part.value.read);
  }
  return ok({ files, reads });
}

interface Part {
  /** Absent if nothing in it is new. */
  readonly file?: WorkspacePath;
  readonly read?: ArtifactUse;
}

/** A file that the champion had too: the rows that its training did not see, later ones and those before its window. */
async function besideCut(
  services: Services,
  {
    declared,
    resolved,
    file,
    to,
    base: { since, until },
  }: Pick<Compared, 'declared' | 'resolved' | 'base'> & Pick<Changed, 'file' | 'to'>,
): Promise<Result<Part, Failure>> {
  if ((since === undefined && until === undefined) || declared.time === undefined) return ok({});
  const table: TableSource = {
    from: { kind: 'files', paths: [services.files.absolute(file)] },
    typedWith: resolved.files.map((one) => services.files.absolute(one)),
    timeColumn: declared.time,
    timeNamedBy: timeKey(declared.name),
    ...(since === undefined ? { since: until } : { without: [{ since, until }] }),
  };
  return cut(services, table, () => makeRoom(services, to));
}

/** The rows of a table in a file of their own, where there are any. */
async function cut(
  services: Services,
  table: TableSource,
  placeOf: () => Promise<WorkspacePath>,
): Promise<Result<Part, Failure>> {
  const rows = await services.datasets.countRows(table);
  if (!rows.ok) return rows;
  if (rows.value === 0) return ok({});
  const copy = await placeOf();
  const written = await services.datasets.copyCut(table, services.files.absolute(copy));
  return written.ok ? ok({ file: copy }) : written;
}

/** Makes the folder of a place anew, without what an earlier run left there. */
async function makeRoom({ files }: Services, to: WorkspacePath): Promise<WorkspacePath> {
  const folder = to.slice(0, to.lastIndexOf('/'));
  await files.remove(folder);
  await files.makeFolder(folder);
  return to;
}

interface Changed extends Pick<Compared, 'model' | 'declared' | 'base'> {
  readonly file: WorkspacePath;
  readonly source: WorkspacePath;
  /** Where the step finds what is new. */
  readonly to: WorkspacePath;
  readonly then: ContentHash;
}

const LINES = /\.(csv|tsv|jsonl|ndjson)$/i;

/** A file that has changed since: its new records, where its earlier bytes are in the store; else all of it. */
async function changedPart(
  services: Services,
  { model, declared, file, source, to, then, base }: Changed,
): Promise<Result<Part, Failure>> {
  const place = earlierPlace(model, source, then);
  const isText = LINES.test(source);
  const isHere = (await services.artifacts.hash([place])).get(place)?.hash === then;
  if (!isText || !(isHere || (await services.artifacts.has(then)))) {
    const why = isText ? 'its earlier bytes are not in the store' : 'only text tables are compared row by row';
    services.emit({ type: 'warning', code: 'all-rows-new', text: `all rows of ${source} count as new: ${why}` });
    return ok({ file });
  }
  const restored = isHere ? ok(undefined) : await services.artifacts.restore(then, place, { isReadOnly: true });
  if (!restored.ok) return restored;
  const artifact = (await services.artifacts.hash([place])).get(place);
  const earlier = await visibleThen(services, { declared, place, base });
  if (!earlier.ok) return earlier;
  const [now, was] = [
    await services.files.readText(file),
    earlier.value === undefined ? ok('') : await services.files.readText(earlier.value),
  ];
  if (!now.ok) return now;
  if (!was.ok) return was;
  const records = newRecords(now.value, was.value, /\.(csv|tsv)$/i.test(source));
  const read = artifact === undefined ? {} : { read: { path: place, artifact } };
  if (records === undefined) return ok(read);
  const copy = await makeRoom(services, to);
  const written = await services.files.writeText(copy, records);
  return written.ok ? ok({ file: copy, ...read }) : written;
}

/** The earlier bytes, without the rows that were hidden from the champion. */
async function visibleThen(
  services: Services,
  {
    declared,
    place,
    base: { since, until },
  }: { readonly declared: Dataset; readonly place: WorkspacePath; readonly base: BaseData },
): Promise<Result<WorkspacePath | undefined, Failure>> {
  if ((since === undefined && until === undefined) || declared.time === undefined) return ok(place);
  const table: TableSource = {
    from: { kind: 'files', paths: [services.files.absolute(place)] },
    timeColumn: declared.time,
    timeNamedBy: timeKey(declared.name),
    since,
    until,
  };
  const seen = await cut(
    services,
    table,
    async () => `${await services.files.makeScratch('new')}/${baseName(place)}` as WorkspacePath,
  );
  return seen.ok ? ok(seen.value.file) : seen;
}
