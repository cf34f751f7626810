import type { ModelVersion } from '../../domain/models/model.js';
import type { Webhooks } from '../../domain/ports/platform.js';
import type { RunTracker, TrackingOutcome, TrackingServer } from '../../domain/ports/run-tracker.js';
import type { RunFacts } from '../../domain/runs/run-facts.js';
import type { JsonObject } from '../../domain/support/json.js';
import {
  checkAnswer,
  EXPERIMENT,
  FOUND_RUNS,
  FOUND_VERSIONS,
  NEW_EXPERIMENT,
  NEW_RUN,
  NEW_VERSION,
  Refused,
} from './answers.js';
import { modelVersionTags } from './layout.js';
import { OLD_PARAM } from './names.js';
import { type RecordOptions, type RunRecord, toRecord } from './record.js';
import { type Answer, createRest, type Rest } from './rest.js';

/** Maximum number of items per request of MLflow's REST API. */
const PER_BATCH = { metrics: 1000, params: 100, tags: 100, datasets: 1000 } as const;

const bodyOf = (answer: Answer): JsonObject => {
  if (!answer.ok) throw new Refused(answer.problem);
  return answer.body;
};

/**
 * Logs runs to MLflow tracking servers. A response may be lost after the server did the work, so runs, models and versions are
 * looked up before they are created, and every other request is safe to repeat.
 */
export function createRunTracker(
  { ask }: Pick<Webhooks, 'ask'>,
  options: Omit<RecordOptions, 'paramLength'>,
): RunTracker {
  const onServer = async (
    server: TrackingServer,
    work: (rest: Rest, notes: string[]) => Promise<void>,
  ): Promise<TrackingOutcome> => {
    const notes: string[] = [];
    const rest = createRest({ ask }, server);
    if (typeof rest === 'string') return { problem: rest, notes };
    try {
      await work(rest, notes);
      return { notes };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { problem: error.message, notes };
    }
  };
  return {
    logRun: (server, facts) =>
      onServer(server, async (rest, notes) => {
        const run = await ensureRun(rest, facts, { ...options, experiment: server.experiment, notes });
        for (const { version } of facts.made) await ensureVersion(rest, version, { run, notes });
      }),
    setAlias: (server, facts, { model, version, alias }) =>
      onServer(server, async (rest, notes) => {
        const run = await ensureRun(rest, facts, { ...options, experiment: server.experiment, notes });
        const made = facts.made.find((one) => one.version.model === model && one.version.version === version);
        if (made === undefined) throw new Error(`internal error: run ${facts.run.id} did not make ${model}@${version}`);
        const number = await ensureVersion(rest, made.version, { run, notes });
        bodyOf(await rest.post('registered-models/alias', { name: model, alias, version: number }));
      }),
    check: (server) =>
      onServer(server, async (rest) => void bodyOf(await rest.post('experiments/search', { max_results: 1 }))),
  };
}

interface Logging extends RecordOptions {
  readonly experiment: string | undefined;
  readonly notes: string[];
}

/** Logs the run if needed and returns its id on the server. A run that has ended there is complete. */
async function ensureRun(rest: Rest, facts: RunFacts, logging: Logging): Promise<string> {
  const experiment = await ensureExperiment(rest, logging.experiment ?? facts.run.pipeline);
  const record = toRecord(facts, logging);
  const found = bodyOf(
    await rest.post('runs/search', {
      experiment_ids: [experiment],
      filter: `tags.\`refit.run\` = '${facts.run.id}'`,
      run_view_type: 'ACTIVE_ONLY',
      max_results: 1,
    }),
  );
  const known = checkAnswer(FOUND_RUNS, found).runs?.[0]?.info;
  if (known === undefined) return logWhole(rest, facts, { experiment, record, logging });
  const { run_id: id } = known;
  if (known.status === 'RUNNING') await logRest(rest, facts, { id, record, logging });
  return id;
}

async function ensureExperiment(rest: Rest, name: string): Promise<string> {
  const find = () => rest.get('experiments/get-by-name', { experiment_name: name });
  const known = await find();
  if (!known.ok && known.code !== 'RESOURCE_DOES_NOT_EXIST') throw new Refused(known.problem);
  if (known.ok) return activeExperiment(known.body, name);
  const made = await rest.post('experiments/create', { name, tags: [{ key: 'refit.pipeline', value: name }] });
  // Another process created it first.
  if (!made.ok && made.code === 'RESOURCE_ALREADY_EXISTS') return activeExperiment(bodyOf(await find()), name);
  return checkAnswer(NEW_EXPERIMENT, bodyOf(made)).experiment_id;
}

function activeExperiment(body: JsonObject, name: string): string {
  const { experiment } = checkAnswer(EXPERIMENT, body);
  if (experiment.lifecycle_stage === 'deleted')
    throw new Refused(`its experiment "${name}" is deleted: restore it there, or name another in refit.yaml`);
  return experiment.experiment_id;
}

interface Whole {
  readonly experiment: string;
  readonly record: RunRecord;
  readonly logging: Logging;
}

/** Creates the run with the tag that identifies it, so that it can be found after a lost response, then logs everything. */
async function logWhole(rest: Rest, facts: RunFacts, { experiment, record, logging }: Whole): Promise<string> {
  const made = bodyOf(
    await rest.post('runs/create', {
      experiment_id: experiment,
      user_id: record.user,
      run_name: record.name,
      start_time: record.startTime,
      tags: [
        { key: 'mlflow.runName', value: record.name },
        { key: 'mlflow.user', value: record.user },
        { key: 'refit.run', value: facts.run.id },
      ],
    }),
  );
  const id = checkAnswer(NEW_RUN, made).run.info.run_id;
  await logRest(rest, facts, { id, record, logging });
  return id;
}

async function logRest(
  rest: Rest,
  facts: RunFacts,
  { id, record, logging }: { readonly id: string; readonly record: RunRecord; readonly logging: Logging },
): Promise<void> {
  const batch = (part: JsonObject): Promise<Answer> => rest.post('runs/log-batch', { run_id: id, ...part });
  const sent = await logParams(batch, facts, { record, logging });
  for (const tags of inParts(sent.tags, PER_BATCH.tags)) bodyOf(await batch({ tags: asJson(tags) }));
  for (const metrics of inParts(record.metrics, PER_BATCH.metrics)) bodyOf(await batch({ metrics: asJson(metrics) }));
  for (const datasets of inParts(record.inputs, PER_BATCH.datasets)) {
    const answer = await rest.post('runs/log-inputs', { run_id: id, datasets });
    // Servers before 2.4 do not support datasets.
    if (!answer.ok && answer.status !== 404) throw new Refused(answer.problem);
  }
  bodyOf(await rest.post('runs/update', { run_id: id, status: record.status, end_time: record.endTime }));
  logging.notes.push(...sent.notes);
}

/**
 * Logs params with the length limit of servers since 2.8. If the server rejects them, tries the limits of older servers, and
 * finally sends them as tags, so that no run is lost because of a param.
 */
async function logParams(
  batch: (part: JsonObject) => Promise<Answer>,
  facts: RunFacts,
  { record, logging }: { readonly record: RunRecord; readonly logging: Logging },
): Promise<Pick<RunRecord, 'tags' | 'notes'>> {
  const old = () => toRecord(facts, { ...logging, paramLength: OLD_PARAM });
  let refusal = '';
  for (const attempt of [() => record, old]) {
    const one = attempt();
    const refused = await firstRefusal(batch, one.params);
    if (refused === undefined) return one;
    if (refused.code !== 'INVALID_PARAMETER_VALUE') throw new Refused(refused.problem);
    refusal = refused.problem;
  }
  const { tags, notes } = old();
  const known = new Set(tags.map(({ key }) => key));
  const asTags = old().params.flatMap(({ key, value }) => {
    const tag = `refit.param.${key.slice(0, 220)}`;
    return known.has(`${tag}.1`) ? [] : [{ key: tag, value }];
  });
  return {
    tags: [...tags, ...asTags],
    notes: [...notes, `run ${facts.run.id}: its params are tags "refit.param.…" there: ${refusal}`],
  };
}

async function firstRefusal(batch: (part: JsonObject) => Promise<Answer>, params: RunRecord['params']) {
  for (const part of inParts(params, PER_BATCH.params)) {
    const answer = await batch({ params: asJson(part) });
    if (!answer.ok) return answer;
  }
  return undefined;
}

/** Returns the version number on the server, which counts from 1 itself. */
async function ensureVersion(
  rest: Rest,
  version: ModelVersion,
  { run, notes }: { readonly run: string; readonly notes: string[] },
): Promise<string> {
  const { model: name } = version;
  const model = await rest.post('registered-models/create', { name, tags: [{ key: 'refit.model', value: name }] });
  if (!model.ok && model.code !== 'RESOURCE_ALREADY_EXISTS') throw new Refused(model.problem);
  // Filter by run only, because servers before 1.28 accept a single condition.
  const found = bodyOf(await rest.get('model-versions/search', { filter: `run_id='${run}'`, max_results: '100' }));
  const isSame = (tags: readonly { readonly key?: string | null; readonly value?: string | null }[]): boolean =>
    tags.some(({ key, value }) => key === 'refit.version' && value === String(version.version));
  const known = checkAnswer(FOUND_VERSIONS, found).model_versions ?? [];
  const same = known.find((one) => one.name === name && isSame(one.tags ?? []));
  if (same !== undefined) return same.version;
  const made = bodyOf(
    await rest.post('model-versions/create', {
      name,
      source: `refit:/${name}/${version.version}/${version.hash}`,
      run_id: run,
      tags: asJson(modelVersionTags(version)),
    }),
  );
  const number = checkAnswer(NEW_VERSION, made).model_version.version;
  if (number !== String(version.version))
    notes.push(
      `${name}@${version.version} is version ${number} there, which counts by itself; the tag "refit.version" has ours`,
    );
  return number;
}

const asJson = (rows: readonly object[]): readonly JsonObject[] => rows as readonly JsonObject[];

function* inParts<T>(all: readonly T[], size: number): Iterable<readonly T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}
