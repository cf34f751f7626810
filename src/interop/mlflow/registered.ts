import type { ArtifactAddress, KeptModel, KeptVersion } from '../../domain/ports/run-history.js';
import { instantOf } from '../../domain/support/time.js';
import { type Addresses, below } from './addresses.js';
import { createPlainNamer } from './plain-names.js';
import {
  ALIAS_ROW,
  ARTIFACT_ROW,
  LOGGED_MODEL_ROW,
  MODEL_ROW,
  MODEL_TAG_ROW,
  type ModelRow,
  type PairRow,
  type RowForm,
  VERSION_ROW,
  VERSION_TAG_ROW,
  type VersionRow,
} from './row-forms.js';
import type { Tables } from './tables.js';

/** Stage of a deleted version, which keeps only its number. */
const DELETED_STAGE = 'Deleted_Internal';
/** Models with this tag are prompts for language models. */
const PROMPT_TAG = 'mlflow.prompt.is_prompt';
const CHAMPION = 'champion';

export interface ReadModels {
  readonly models: readonly KeptModel[];
  readonly deleted: number;
  readonly notes: readonly string[];
}

/** Reads the model registry of an MLflow database. Empty for databases from before MLflow had a registry. */
export function readModels(tables: Tables, places: Addresses): ReadModels {
  if (!tables.has('registered_models') || !tables.has('model_versions')) return { models: [], deleted: 0, notes: [] };
  const read = reader(tables);
  const namer = createPlainNamer('the model');
  const sources = sourceReader(tables, places, read.versions);
  const notes: string[] = [];
  let deleted = 0;
  const models = read.models.flatMap((row): readonly KeptModel[] => {
    const full = row.workspace === 'default' ? row.name : `${row.workspace}.${row.name}`;
    const tags = read.modelTags(row);
    if (tags.some(({ key }) => key === PROMPT_TAG)) {
      notes.push(`"${full}" is a prompt, not a model: left out`);
      return [];
    }
    const own = read.versionsOf(row);
    const kept = own.filter(({ current_stage: stage }) => stage !== DELETED_STAGE);
    deleted += own.length - kept.length;
    if (kept.length === 0) {
      notes.push(`the model "${full}" has no versions: left out`);
      return [];
    }
    const model = namer.nameOf(full);
    return [
      {
        model,
        note: sentence([row.description ?? '', tagText(tags)]),
        versions: kept.map((one) => keptVersion(one, { model, tags: read.versionTags(one), source: sources(one) })),
        aliases: aliasesOf(kept, read.aliases(row)),
      },
    ];
  });
  return { models, deleted, notes: [...namer.notes(), ...notes] };
}

const keyOf = ({ workspace, name }: Pick<ModelRow, 'workspace' | 'name'>): string => `${workspace}\n${name}`;

const versionKeyOf = (row: Pick<VersionRow, 'workspace' | 'name' | 'version'>): string =>
  `${keyOf(row)}\n${row.version}`;

function grouped<T>(rows: readonly T[], keyed: (row: T) => string): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const row of rows) {
    const known = found.get(keyed(row));
    if (known === undefined) found.set(keyed(row), [row]);
    else known.push(row);
  }
  return found;
}

const sentence = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('; ');

const tagText = (tags: readonly PairRow[]): string =>
  tags.length === 0 ? '' : `tags ${tags.map(({ key, value }) => `${key}=${value ?? ''}`).join(', ')}`;

function reader(tables: Tables) {
  const columns = (table: string): string => (tables.has(table, 'workspace') ? '*' : "*, 'default' AS workspace");
  const rowsOf = <T>(form: RowForm<T>, order: string): readonly T[] =>
    tables.has(form.of) ? tables.all(form, `SELECT ${columns(form.of)} FROM ${form.of} ORDER BY ${order}`) : [];
  const versions = rowsOf(VERSION_ROW, 'name, version');
  const versionsOf = grouped(versions, keyOf);
  const modelTags = grouped(rowsOf(MODEL_TAG_ROW, 'key'), keyOf);
  const versionTags = grouped(rowsOf(VERSION_TAG_ROW, 'key'), versionKeyOf);
  const aliases = grouped(rowsOf(ALIAS_ROW, 'alias'), keyOf);
  return {
    models: rowsOf(MODEL_ROW, 'name'),
    versions,
    versionsOf: (row: ModelRow) => versionsOf.get(keyOf(row)) ?? [],
    modelTags: (row: ModelRow) => modelTags.get(keyOf(row)) ?? [],
    versionTags: (row: VersionRow) => versionTags.get(versionKeyOf(row)) ?? [],
    aliases: (row: ModelRow) => aliases.get(keyOf(row)) ?? [],
  };
}

function keptVersion(
  row: VersionRow,
  {
    model,
    tags,
    source,
  }: { readonly model: string; readonly tags: readonly PairRow[]; readonly source: ArtifactAddress },
): KeptVersion {
  const registeredAt = instantOf(row.creation_time ?? row.last_updated_time ?? 0);
  const isSettled = row.status === null || row.status === 'READY';
  return {
    model,
    version: row.version,
    ...(row.run_id === null || row.run_id === '' ? {} : { run: row.run_id }),
    source,
    registeredAt,
    updatedAt: instantOf(Math.max(row.last_updated_time ?? registeredAt, registeredAt)),
    actor: row.user_id === null || row.user_id === '' ? 'unknown' : row.user_id,
    note: sentence([
      row.description ?? '',
      row.current_stage === null || row.current_stage === 'None' ? '' : `stage ${row.current_stage}`,
      isSettled ? '' : `status ${row.status}`,
      tagText(tags),
      `source ${row.source ?? 'none'}`,
    ]),
  };
}

/** The aliases of a model. A stage counts as an alias if there is none of that name: Production is the champion. */
function aliasesOf(
  versions: readonly VersionRow[],
  aliases: readonly { readonly alias: string; readonly version: number }[],
): KeptModel['aliases'] {
  const named = aliases.map(({ alias, version }) => ({ alias, version, because: `alias "${alias}"` }));
  const production = versions.findLast(({ current_stage: stage }) => stage === 'Production')?.version;
  const staging = versions.findLast(({ current_stage: stage }) => stage === 'Staging')?.version;
  const staged = [
    ...(production === undefined ? [] : [{ alias: CHAMPION, version: production, because: 'stage Production' }]),
    ...(staging === undefined ? [] : [{ alias: 'staging', version: staging, because: 'stage Staging' }]),
  ];
  return [...named, ...staged.filter(({ alias }) => !named.some((one) => one.alias === alias))];
}

/** Resolves the source of a version: a path, a path below a run, a logged model of MLflow 3, or another version. */
function sourceReader(
  tables: Tables,
  places: Addresses,
  versions: readonly VersionRow[],
): (row: VersionRow) => ArtifactAddress {
  const logged = new Map(
    tables.has('logged_models')
      ? tables
          .all(LOGGED_MODEL_ROW, 'SELECT model_id AS id, artifact_location AS at FROM logged_models')
          .map(({ id, at }) => [id, at] as const)
      : [],
  );
  const artifactsOf = tables.of(ARTIFACT_ROW, 'SELECT artifact_uri FROM runs WHERE run_uuid = ?');
  const find = (uri: string, depth: number): ArtifactAddress => {
    const [, run = '', path = ''] = /^runs:\/+([^/]+)\/?(.*)$/.exec(uri) ?? [];
    const root = run === '' ? undefined : artifactsOf(run)[0]?.artifact_uri;
    if (root !== undefined && root !== null) return { ...below(places.of(root), path), uri };
    const [, name = '', version] = /^models:\/+([^/@]+)(?:\/(\d+))?$/.exec(uri) ?? [];
    const location = logged.get(name);
    if (location !== undefined) return { ...places.of(location), uri };
    const other = versions.find((one) => one.name === name && String(one.version) === version);
    // Limit the depth, because versions may refer to each other in a cycle.
    if (other !== undefined && depth < 5)
      return { ...find(other.storage_location ?? other.source ?? '', depth + 1), uri };
    return places.of(uri);
  };
  return (row) => {
    const source = find(row.source ?? '', 0);
    const copy =
      row.storage_location === null || row.storage_location === undefined ? undefined : find(row.storage_location, 0);
    return { uri: source.uri, places: [...new Set([...source.places, ...(copy?.places ?? [])])] };
  };
}
