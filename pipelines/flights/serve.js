// Serves the champion: node pipelines/flights/serve.js --published serving/flights-delay --logs logs --port 8080
//
//   POST /predict  { "flights": [{ "id": 7, "at": "2001-07-01T07:15", "origin": "ATL", "destination": "ORD", "distance": 606 }] }
//   GET  /health   which version serves
//
// refit publishes a version by renaming the link `current`. This server resolves the link before each request. If it has
// moved, the server reads the model again, with all files from the resolved folder: two reads through the link could give
// files of two versions. Each prediction becomes a line in <logs>/<day>.jsonl, which `monitor.predictions` reads.
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { predict } from './lib/model.js';

const { values } = parseArgs({
  options: {
    published: { type: 'string', default: 'serving/flights-delay' },
    logs: { type: 'string', default: 'logs' },
    port: { type: 'string', default: '8080' },
  },
});

let serving;

/** The model that `current` points to. If it cannot be read, the previous one stays in use. */
function currentModel() {
  let folder;
  try {
    folder = realpathSync(join(values.published, 'current'));
    if (folder !== serving?.folder) serving = load(folder);
  } catch (error) {
    console.error(`cannot serve ${folder ?? join(values.published, 'current')}: ${error.message}`);
    if (serving === undefined) throw Object.assign(new Error('no model is published yet'), { status: 503 });
  }
  return serving;
}

function load(folder) {
  const { model: name, version, hash } = JSON.parse(readFileSync(join(folder, 'refit.json'), 'utf8'));
  const bytes = readFileSync(join(folder, 'model.json'));
  if (createHash('sha256').update(bytes).digest('hex') !== hash)
    throw new Error('its bytes are not those of the version');
  console.error(`serving ${name}@${version}`);
  return { folder, name, version, hash, model: JSON.parse(bytes) };
}

/** Turns flights into columns, with the features that the model was trained on. */
function columnsOf(flights) {
  const times = flights.map(({ at }) => new Date(/(Z|[+-]\d\d:?\d\d)$/.test(at) ? at : `${at}Z`));
  if (times.some((time) => Number.isNaN(time.getTime()))) throw bad('"at" is not a time: write 2001-07-01T07:15');
  if (flights.some(({ distance }) => !(distance > 0))) throw bad('"distance" is not a number of miles');
  return {
    at: times.map((time) => time.toISOString()),
    hour: times.map((time) => time.getUTCHours()),
    weekday: times.map((time) => time.getUTCDay() || 7),
    origin: flights.map(({ origin }) => String(origin)),
    destination: flights.map(({ destination }) => String(destination)),
    log_distance: flights.map(({ distance }) => Math.log(Math.max(1, distance))),
    late: flights.map(() => 0),
  };
}

const bad = (message) => Object.assign(new Error(message), { status: 400 });

function answerPredict(body) {
  const { name, version, model } = currentModel();
  const { flights } = parse(body);
  if (!Array.isArray(flights) || flights.length === 0) throw bad('"flights" is not a list of flights');
  const columns = columnsOf(flights);
  const scores = predict(model, columns);
  const predictions = flights.map(({ id }, i) => ({ id, p_late: scores[i] }));
  log(predictions.map((one, i) => ({ at: columns.at[i], ...one, version, ...featuresOf(flights[i], columns, i) })));
  return { model: name, version, predictions };
}

const featuresOf = ({ distance }, { hour, weekday, origin, destination }, i) => ({
  hour: hour[i],
  weekday: weekday[i],
  origin: origin[i],
  destination: destination[i],
  distance,
});

function parse(body) {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    throw bad('the request is not JSON');
  }
}

/** Appends whole lines in one write, so that a reader never sees a part of a line. */
function log(rows) {
  mkdirSync(values.logs, { recursive: true });
  const day = new Date().toISOString().slice(0, 10);
  appendFileSync(join(values.logs, `${day}.jsonl`), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

function answerHealth() {
  const { name, version, hash } = currentModel();
  return { model: name, version, hash };
}

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

const server = createServer(async (request, response) => {
  const send = (status, document) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(document)}\n`);
  };
  try {
    const body = await bodyOf(request);
    if (request.method === 'POST' && request.url === '/predict') send(200, answerPredict(body));
    else if (request.method === 'GET' && request.url === '/health') send(200, answerHealth());
    else send(404, { error: 'POST /predict or GET /health' });
  } catch (error) {
    send(error.status ?? 500, { error: error.message });
  }
});

server.listen(Number(values.port), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close());
