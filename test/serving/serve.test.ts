import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';

/** As many promotions and rollbacks under requests; `REFIT_MOVES=100` for a hundred. */
const MOVES = Number(process.env.REFIT_MOVES ?? 10);
const SERVER = resolve('pipelines/flights/serve.js');

/** A model of one coefficient: the same probability for every flight. Padded, so that half of one would be no JSON. */
const model = (odds: number): string =>
  JSON.stringify({
    levels: { hour: {}, weekday: {}, origin: {}, destination: {} },
    center: 0,
    coefficients: [odds, 0],
    padding: 'x'.repeat(300_000),
  });
const probability = (odds: number): number => 1 / (1 + Math.exp(-odds));

const FLIGHT = { id: 7, at: '2001-07-01T07:15', origin: 'ATL', destination: 'ORD', distance: 606 };

interface Server extends AsyncDisposable {
  readonly url: string;
  readonly process: ChildProcess;
}

async function serve(rig: Rig): Promise<Server> {
  const server = spawn(process.execPath, [SERVER, '--published', 'serving/m', '--port', '0'], {
    cwd: rig.root,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((done) => server.once('exit', () => done()));
  const url = await new Promise<string>((done) => server.stdout?.once('data', (chunk) => done(String(chunk).trim())));
  return {
    url,
    process: server,
    [Symbol.asyncDispose]: async () => {
      server.kill('SIGKILL');
      await ended;
    },
  };
}

async function withModels(odds: readonly number[]): Promise<Rig> {
  const rig = createRig({
    'pipelines/m.yaml': `pipeline: m
steps:
  train: { run: cp source.json model.json, inputs: [source.json], outputs: [model.json] }
model: { path: model.json, publish: { path: serving/m, keep: 2 } }
`,
  });
  for (const one of odds) {
    rig.write({ 'source.json': model(one) });
    await rig.json(0, 'run', 'm');
  }
  return rig;
}

const ask = (url: string, body: unknown): Promise<Response> =>
  fetch(`${url}/predict`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });

it('answers by the model that current names, follows it, and logs every prediction as a line', async () => {
  using rig = await withModels([1, -1]);
  await using server = await serve(rig);
  expect((await fetch(`${server.url}/health`)).status).toBe(503);
  await rig.json(0, 'promote', 'm@1', '--reason', 'first');
  expect(await (await ask(server.url, { flights: [FLIGHT, { ...FLIGHT, id: 8 }] })).json()).toEqual({
    model: 'm',
    version: 1,
    predictions: [
      { id: 7, p_late: expect.closeTo(probability(1)) },
      { id: 8, p_late: expect.closeTo(probability(1)) },
    ],
  });
  await rig.json(0, 'promote', 'm@2', '--reason', 'second');
  expect(await (await fetch(`${server.url}/health`)).json()).toMatchObject({ version: 2 });
  for (const body of [
    'no json',
    {},
    { flights: [{ ...FLIGHT, at: 'soon' }] },
    { flights: [{ ...FLIGHT, distance: -1 }] },
  ])
    expect((await ask(server.url, body)).status).toBe(400);
  const [log = ''] = rig.files('logs');
  expect(
    rig
      .read(log)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { at: '2001-07-01T07:15:00.000Z', id: 7, p_late: expect.closeTo(probability(1)), version: 1, hour: 7, weekday: 7 },
    { id: 8, version: 1, origin: 'ATL', distance: 606 },
  ]);
  // a table like any other
  const checked = await rig.json(0, 'check-data', log);
  expect(checked.verdict).toBe('pass');
});

it('closes the loop: what the server has logged is what check-performance measures, joined with labels by id', async () => {
  using rig = await withModels([1]);
  rig.write({
    'pipelines/m.yaml': `${rig.read('pipelines/m.yaml')}monitor:
  predictions: { path: "logs/*.jsonl", time: at, key: id, prediction: p_late }
  labels: { path: labels.csv, key: id, label: late }
`,
  });
  await rig.json(0, 'promote', 'm@1', '--reason', 'first');
  await using server = await serve(rig);
  const flights = Array.from({ length: 300 }, (_, id) => ({ ...FLIGHT, id, at: `2001-07-0${1 + (id % 7)}T07:15` }));
  for (let i = 0; i < flights.length; i += 50) await ask(server.url, { flights: flights.slice(i, i + 50) });
  // labels arrive later, and not for all
  const labels = flights.slice(0, 280).map(({ id }) => `${id},${id % 4 === 0 ? 0 : 1}`);
  rig.write({ 'labels.csv': `id,late\n${labels.join('\n')}\n` });
  const measured = await rig.json(0, 'check-performance', 'm', '--now', '2001-07-08');
  expect(measured.counts).toMatchObject({ predictions: 300, labelled: 280, unusable: 0 });
  expect(measured.metrics.brier.value).toBeCloseTo(0.75 * (1 - probability(1)) ** 2 + 0.25 * probability(1) ** 2, 6);
});

it('goes on with the model it has when somebody harms the one that is published', async () => {
  using rig = await withModels([1]);
  await rig.json(0, 'promote', 'm@1', '--reason', 'first');
  await using server = await serve(rig);
  expect((await ask(server.url, { flights: [FLIGHT] })).status).toBe(200);
  rig.write({ 'broken/model.json': '{"half', 'broken/refit.json': rig.read('serving/m/current/refit.json') });
  rig.link('serving/m/current', '../../broken');
  const answer: Document = await (await ask(server.url, { flights: [FLIGHT] })).json();
  expect(answer).toMatchObject({ version: 1, predictions: [{ p_late: expect.closeTo(probability(1)) }] });
});

it(
  `fails no request while it is asked all the time, through ${MOVES} promotions and rollbacks`,
  async () => {
    const odds = [1, -1, 2];
    using rig = await withModels(odds);
    // a rollback goes only to versions that have served
    for (const version of [2, 3, 1]) await rig.json(0, 'promote', `m@${version}`, '--reason', 'first');
    await using server = await serve(rig);
    let isOver = false;
    const seen = new Map<number, number>();
    const wrong: unknown[] = [];
    const keepAsking = async (): Promise<void> => {
      while (!isOver) {
        const response = await ask(server.url, { flights: [FLIGHT] });
        const answer: Document = await response.json();
        const expected = probability(odds[answer.version - 1] ?? Number.NaN);
        // the probability is that of the version that it says: no model is read half from one, half from another
        if (response.status !== 200 || Math.abs(answer.predictions[0].p_late - expected) > 1e-12) wrong.push(answer);
        else seen.set(answer.version, (seen.get(answer.version) ?? 0) + 1);
      }
    };
    const askers = [keepAsking(), keepAsking(), keepAsking()];
    for (let i = 1; i <= MOVES; i++) {
      const next = (i % odds.length) + 1;
      if (i % 2 === 0) await rig.json(0, 'rollback', 'm', '--to', String(next), '--reason', 'test');
      else await rig.json(0, 'promote', `m@${next}`, '--reason', 'test');
    }
    isOver = true;
    await Promise.all(askers);
    expect(wrong).toEqual([]);
    expect([...seen.keys()].sort()).toEqual([1, 2, 3]);
    const asked = [...seen.values()].reduce((sum, one) => sum + one, 0);
    expect(asked).toBeGreaterThan(10 * MOVES);
    const lines = rig.files('logs').flatMap((file) => rig.read(file).trim().split('\n'));
    expect(lines).toHaveLength(asked);
  },
  60_000 + MOVES * 5000,
);
