import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Document } from '../rig.js';

/**
 * A tracking server of this machine that holds every request to MLflow's REST contract: endpoints and methods, required
 * fields, types, limits of names, values and batches, and its errors in its own words. What it is told it keeps.
 */
export interface MlflowServer extends AsyncDisposable {
  readonly url: string;
  readonly experiments: Document[];
  readonly runs: readonly Document[];
  readonly models: Readonly<Record<string, Document>>;
  readonly requests: readonly { readonly endpoint: string; readonly headers: IncomingHttpHeaders }[];
  /** Requests that break the contract; a right client makes none. */
  readonly faults: readonly string[];
  /** The next request to this endpoint is done, and its answer is lost. */
  readonly loseAnswerOf: (endpoint: string) => void;
  /** Answers everything with this status, until it is told 200. */
  readonly answer: (status: number) => void;
  /** As a server of long ago: params of 500 characters, no datasets. */
  readonly beOld: () => void;
  /** Refuses every param. */
  readonly refuseParams: () => void;
  /** Lets only this header in. */
  readonly require: (authorization: string) => void;
}

class Fault extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = code === 'RESOURCE_DOES_NOT_EXIST' ? 404 : 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const bad = (message: string): Fault => new Fault('INVALID_PARAMETER_VALUE', message);

type Check = (value: unknown, field: string) => void;
const text: Check = (value, field) => {
  if (typeof value !== 'string') throw bad(`${field} is no string`);
};
const int: Check = (value, field) => {
  if (!Number.isSafeInteger(value)) throw bad(`${field} is no int64`);
};
const double: Check = (value, field) => {
  // JSON.stringify makes null of a NaN
  if (typeof value !== 'number' || !Number.isFinite(value)) throw bad(`${field} is no number: ${String(value)}`);
};
const list =
  (check: Check, most: number): Check =>
  (value, field) => {
    if (!Array.isArray(value)) throw bad(`${field} is no list`);
    if (value.length > most) throw bad(`${field} has ${value.length} entries, the limit is ${most}`);
    for (const [at, one] of value.entries()) check(one, `${field}[${at}]`);
  };
const record =
  (fields: Readonly<Record<string, Check>>, required: readonly string[]): Check =>
  (value, field) => {
    if (typeof value !== 'object' || value === null) throw bad(`${field} is no object`);
    for (const name of required) if (!(name in value)) throw bad(`${field}.${name} is missing`);
    for (const [name, one] of Object.entries(value)) {
      const check = fields[name];
      if (check === undefined) throw bad(`${field}.${name} is unknown`);
      check(one, `${field}.${name}`);
    }
  };

const name: Check = (value, field) => {
  text(value, field);
  const word = String(value);
  if (!/^[/\p{L}\p{N}_. -]+$/u.test(word)) throw bad(`${field}: invalid name "${word}"`);
  if (word.split('/').some((part) => part === '' || part === '.' || part === '..'))
    throw bad(`${field}: "${word}" is another name as a path`);
  if (word.length > 250) throw bad(`${field} had length ${word.length}, limit 250`);
};
const upTo =
  (most: () => number): Check =>
  (value, field) => {
    text(value, field);
    if (String(value).length > most()) throw bad(`${field} had length ${String(value).length}, limit ${most()}`);
  };

export async function createMlflowServer(): Promise<MlflowServer> {
  const experiments: Document[] = [];
  const runs: Document[] = [];
  const models: Record<string, Document> = {};
  const points = new Set<string>();
  const requests: { endpoint: string; headers: IncomingHttpHeaders }[] = [];
  const faults: string[] = [];
  let [paramLimit, status, lost, hasDatasets, takesParams] = [6000, 200, '', true, true];
  let required: string | undefined;

  const tag = record({ key: name, value: upTo(() => 5000) }, ['key', 'value']);
  const param = record({ key: name, value: upTo(() => paramLimit) }, ['key', 'value']);
  const metric = record({ key: name, value: double, timestamp: int, step: int }, ['key', 'value', 'timestamp']);
  const dataset = record(
    { name: upTo(() => 500), digest: upTo(() => 36), source_type: text, source: text, schema: text, profile: text },
    ['name', 'digest', 'source_type', 'source'],
  );
  const runOf = (id: string): Document => {
    const run = runs.find((one) => one.info.run_id === id);
    if (run === undefined) throw new Fault('RESOURCE_DOES_NOT_EXIST', `Run with id=${id} not found`);
    return run;
  };
  const setTags = (to: Document, tags: readonly Document[] = []): void => {
    for (const { key, value } of tags) to[key] = value;
  };

  /** Method, fields, required fields, and what it does. */
  const ENDPOINTS: Readonly<
    Record<string, readonly [string, Readonly<Record<string, Check>>, readonly string[], (body: Document) => Document]>
  > = {
    'experiments/get-by-name': [
      'GET',
      { experiment_name: text },
      ['experiment_name'],
      (body) => {
        const experiment = experiments.find((one) => one.name === body.experiment_name);
        if (experiment === undefined) throw new Fault('RESOURCE_DOES_NOT_EXIST', 'Could not find experiment');
        return { experiment };
      },
    ],
    'experiments/search': ['POST', { max_results: int, filter: text }, [], () => ({ experiments })],
    'experiments/create': [
      'POST',
      { name: upTo(() => 500), artifact_location: text, tags: list(tag, 20) },
      ['name'],
      (body) => {
        if (experiments.some((one) => one.name === body.name))
          throw new Fault('RESOURCE_ALREADY_EXISTS', 'Experiment exists');
        const experiment_id = String(experiments.length + 1);
        experiments.push({ experiment_id, name: body.name, lifecycle_stage: 'active' });
        return { experiment_id };
      },
    ],
    'runs/create': [
      'POST',
      { experiment_id: text, user_id: text, run_name: text, start_time: int, tags: list(tag, 1000) },
      ['experiment_id'],
      (body) => {
        const run_id = (runs.length + 1).toString(16).padStart(32, '0');
        const run: Document = {
          info: {
            run_id,
            experiment_id: body.experiment_id,
            status: 'RUNNING',
            start_time: body.start_time,
            lifecycle_stage: 'active',
          },
          params: {},
          metrics: [],
          tags: {},
          datasets: [],
        };
        setTags(run.tags, body.tags);
        runs.push(run);
        return { run: { info: run.info, data: {} } };
      },
    ],
    'runs/search': [
      'POST',
      { experiment_ids: list(text, 1000), filter: text, run_view_type: text, max_results: int },
      ['experiment_ids'],
      (body) => {
        const [, key = '', value] = /^tags\.`([^`]+)` = '([^']*)'$/.exec(body.filter) ?? [];
        const found = runs.filter(
          (run) => body.experiment_ids.includes(run.info.experiment_id) && run.tags[key] === value,
        );
        return found.length === 0 ? {} : { runs: found.slice(0, body.max_results).map(({ info }) => ({ info })) };
      },
    ],
    'runs/log-batch': [
      'POST',
      { run_id: text, metrics: list(metric, 1000), params: list(param, 100), tags: list(tag, 100) },
      ['run_id'],
      (body) => {
        const run = runOf(body.run_id);
        const { params = [], metrics = [], tags = [] } = body;
        if (params.length + metrics.length + tags.length > 1000) throw bad('more than 1000 entities');
        if (!takesParams && params.length > 0) throw bad('no params today');
        for (const { key, value } of params) {
          if ((run.params[key] ?? value) !== value) throw bad(`Changing param values is not allowed: ${key}`);
          run.params[key] = value;
        }
        // the primary key of a database server
        for (const one of metrics) {
          const key = `${run.info.run_id} ${JSON.stringify(one)}`;
          if (!points.has(key)) run.metrics.push(one);
          points.add(key);
        }
        setTags(run.tags, tags);
        return {};
      },
    ],
    'runs/log-inputs': [
      'POST',
      {
        run_id: text,
        datasets: list(
          record({ tags: list(record({ key: text, value: text }, ['key', 'value']), 100), dataset }, ['dataset']),
          1000,
        ),
      },
      ['run_id'],
      (body) => {
        if (!hasDatasets) throw new Fault('ENDPOINT_NOT_FOUND', 'no such endpoint', 404);
        runOf(body.run_id).datasets = body.datasets;
        return {};
      },
    ],
    'runs/update': [
      'POST',
      { run_id: text, status: text, end_time: int, run_name: text },
      ['run_id'],
      (body) => {
        if (!['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'].includes(body.status))
          throw bad(`status ${body.status}`);
        const run = runOf(body.run_id);
        Object.assign(run.info, { status: body.status, end_time: body.end_time });
        return { run_info: run.info };
      },
    ],
    'registered-models/create': [
      'POST',
      { name: text, tags: list(tag, 1000), description: text },
      ['name'],
      (body) => {
        if (models[body.name] !== undefined) throw new Fault('RESOURCE_ALREADY_EXISTS', 'Registered Model exists');
        models[body.name] = { versions: [], aliases: {} };
        return { registered_model: { name: body.name } };
      },
    ],
    'registered-models/alias': [
      'POST',
      { name: text, alias: text, version: text },
      ['name', 'alias', 'version'],
      (body) => {
        const model = models[body.name];
        if (model?.versions.some((one: Document) => one.version === body.version) !== true)
          throw new Fault('RESOURCE_DOES_NOT_EXIST', 'Model Version not found');
        model.aliases[body.alias] = body.version;
        return {};
      },
    ],
    'model-versions/search': [
      'GET',
      { filter: text, max_results: text },
      [],
      (body) => {
        const [, id] = /^run_id='([^']*)'$/.exec(body.filter) ?? [];
        const found = Object.values(models).flatMap((model) =>
          model.versions.filter((one: Document) => one.run_id === id),
        );
        return found.length === 0 ? {} : { model_versions: found };
      },
    ],
    'model-versions/create': [
      'POST',
      { name: text, source: text, run_id: text, tags: list(tag, 1000), description: text },
      ['name', 'source'],
      (body) => {
        const model = models[body.name];
        if (model === undefined) throw new Fault('RESOURCE_DOES_NOT_EXIST', 'Registered Model not found');
        runOf(body.run_id);
        // a local path must lie in the run's artifacts, and none leads upwards
        if (!/^[a-z][a-z0-9+.-]*:/.test(body.source) || body.source.split('/').includes('..'))
          throw bad('Invalid model version source');
        const version = {
          name: body.name,
          version: String(model.versions.length + 1),
          run_id: body.run_id,
          source: body.source,
          tags: body.tags,
        };
        model.versions.push(version);
        return { model_version: version };
      },
    ],
  };

  const answer = (method: string, url: URL, sent: string): Document => {
    const endpoint = url.pathname.replace(/^\/base\/api\/2\.0\/mlflow\//, '');
    const known = ENDPOINTS[endpoint];
    if (known === undefined) throw new Fault('ENDPOINT_NOT_FOUND', `no endpoint ${url.pathname}`, 404);
    const [expected, fields, needed, act] = known;
    if (method !== expected) throw new Fault('BAD_REQUEST', `${endpoint} is called by ${expected}`, 405);
    if (sent.length > 1e6) throw bad(`a request of ${sent.length} bytes`);
    const body = method === 'GET' ? Object.fromEntries(url.searchParams) : JSON.parse(sent);
    record(fields, needed)(body, endpoint);
    return act(body);
  };

  const respond = (
    response: ServerResponse,
    { method, url, sent, headers }: { method: string; url: URL; sent: string; headers: IncomingHttpHeaders },
  ): void => {
    const endpoint = url.pathname.split('/mlflow/')[1] ?? url.pathname;
    requests.push({ endpoint, headers });
    const say = (code: number, body: Document) =>
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (status !== 200) return void say(status, { error_code: 'TEMPORARILY_UNAVAILABLE', message: 'down' });
    if (required !== undefined && headers.authorization !== required)
      return void say(401, { message: 'You are not authenticated' });
    try {
      const body = answer(method, url, sent);
      if (lost === endpoint) {
        lost = '';
        response.destroy();
      } else say(200, body);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (error.code === 'INVALID_PARAMETER_VALUE' || error.status === 405 || error.code === 'ENDPOINT_NOT_FOUND')
        faults.push(`${endpoint}: ${error.message}`);
      say(error.status, { error_code: error.code, message: error.message });
    }
  };

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      respond(response, { method, url: new URL(url, 'http://x'), sent: Buffer.concat(parts).toString(), headers });
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/base/`,
    experiments,
    runs,
    models,
    requests,
    faults,
    loseAnswerOf: (endpoint) => {
      lost = endpoint;
    },
    answer: (next) => {
      status = next;
    },
    beOld: () => {
      [paramLimit, hasDatasets] = [500, false];
    },
    refuseParams: () => {
      takesParams = false;
    },
    require: (authorization) => {
      required = authorization;
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
