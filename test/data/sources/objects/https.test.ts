import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, type Rig } from '../../../support/rig.js';
import { type FileServer, startFileServer } from '../../../support/servers/file-server.js';
import { readParquet } from '../read-parquet.js';

const pipeline = (lines: string): string => `pipeline: rides
datasets:
  rides:
    source: https
${lines}
    time: at
steps:
  train: { run: 'cat \${{ datasets.rides }} > model.txt', inputs: ["\${{ datasets.rides }}"], outputs: [model.txt] }
model: model.txt
`;

const rigFor = (lines: string, env: Record<string, string> = {}): Rig =>
  createRig({ 'pipelines/rides.yaml': pipeline(lines) }, env);

const CSV = 'id,at\n1,2026-01-01\n2,2026-01-02\n';

/** Answers with a file and its ETag, and 304 to who has it. */
const serve =
  (body: () => string, etag: () => string): FileServer['answer'] =>
  (request, response) => {
    if (request.headers['if-none-match'] === etag()) response.writeHead(304).end();
    else response.writeHead(200, { etag: etag() }).end(body());
  };

const failing = async (rig: Rig, code: string) => {
  const ended = await rig.refit('run', 'rides', '--json');
  expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code } });
  expect(rig.has('.refit/sources')).toBe(false);
  if (rig.has('.refit/tmp')) expect(rig.files('.refit/tmp')).toEqual([]);
  return ended;
};

it('is fetched once for each ETag, and reproduced after it has changed', async () => {
  await using server = await startFileServer();
  let body = CSV;
  server.answer = serve(
    () => body,
    () => `"v${body.length}"`,
  );
  using rig = rigFor(`    url: ${server.url}/data/rides.csv?version=3`);
  expect(await rig.refit('run', 'rides')).toMatchObject({ exit: 0 });
  expect(rig.query('SELECT kind, place, object, version, rows FROM source_snapshot')).toEqual([
    {
      kind: 'https',
      place: `127.0.0.1:${server.port}/data/rides.csv`,
      object: 'rides.csv',
      version: `etag "v${body.length}"`,
      rows: 2,
    },
  ]);
  const again = await rig.refit('run', 'rides');
  expect(again.stderr).toContain('skipped   train');
  expect(server.requests.at(-1)?.headers['if-none-match']).toBe(`"v${CSV.length}"`);
  expect(rig.query('SELECT count(*) AS n FROM source_snapshot')).toEqual([{ n: 1 }]);
  body += '3,2026-01-03\n';
  const changed = await rig.refit('run', 'rides');
  expect(changed.stderr).toContain('reading dataset "rides": rides.csv has changed');
  expect(rig.query('SELECT rows FROM source_snapshot ORDER BY id')).toEqual([{ rows: 2 }, { rows: 3 }]);
  expect(await rig.json(0, 'reproduce', 'rides@1')).toMatchObject({ verdict: 'same', lost_inputs: [] });
});

it('is known by the time of its last change where it has no ETag, unless that has just been', async () => {
  await using server = await startFileServer();
  let modified = new Date(Date.now() - 3_600_000).toUTCString();
  server.answer = (request, response) => {
    if (request.headers['if-modified-since'] === modified) response.writeHead(304).end();
    else response.writeHead(200, { 'last-modified': modified }).end(CSV);
  };
  using rig = rigFor(`    url: ${server.url}/rides.csv`);
  for (let i = 0; i < 2; i++) expect(await rig.refit('run', 'rides')).toMatchObject({ exit: 0 });
  expect(rig.query('SELECT version FROM source_snapshot')).toEqual([{ version: `last-modified ${modified}` }]);
  modified = new Date(Date.now() + 1000).toUTCString();
  expect(await rig.refit('run', 'rides')).toMatchObject({ exit: 0 });
  expect(rig.query('SELECT version FROM source_snapshot ORDER BY id DESC LIMIT 1')).toEqual([{ version: null }]);
});

it.each([
  ['/rides.jsonl', '', '{"id": 1, "at": "2026-01-01"}\n'],
  ['/export?table=rides', '\n    format: jsonl', '{"id": 1, "at": "2026-01-01"}\n'],
  ['/export', '', 'id,at\n1,2026-01-01\n'],
])('has the format of its name, its key "format" or its first bytes: %s', async (path, more, body) => {
  await using server = await startFileServer();
  server.answer = (_, response) => void response.end(body);
  using rig = rigFor(`    url: ${server.url}${path}${more}`);
  expect(await rig.refit('run', 'rides')).toMatchObject({ exit: 0 });
  const [file = ''] = rig.files('.refit/sources');
  expect((await readParquet(join(rig.root, file))).rows).toEqual([['1', expect.stringContaining('2026-01-01')]]);
});

it('comes over https, whose certificate is checked', async () => {
  await using server = await startFileServer('https');
  server.answer = (_, response) => void response.end(CSV);
  using trusting = rigFor(`    url: ${server.url}/rides.csv`, { NODE_EXTRA_CA_CERTS: server.certificate });
  expect(await trusting.refit('run', 'rides')).toMatchObject({ exit: 0 });
  using rig = rigFor(`    url: ${server.url}/rides.csv`);
  expect((await failing(rig, 'source-unreachable')).stdout).toContain('CERT');
});

it('sends a password to its own host only, and shows nothing of a URL from a variable but the host', async () => {
  await using other = await startFileServer('https');
  await using server = await startFileServer('https');
  other.answer = (_, response) => void response.end(CSV);
  server.answer = (_, response) => void response.writeHead(302, { location: `${other.url}/elsewhere.csv` }).end();
  const url = server.url.replace('https://', 'https://reader:only-reads-1@');
  using rig = rigFor('    url: { from: RIDES_URL }', {
    RIDES_URL: `${url}/token-7f3a/rides.csv?sig=only-signs`,
    NODE_EXTRA_CA_CERTS: join(other.certificate, '../both.pem'),
  });
  const both = readFileSync(other.certificate, 'utf8') + readFileSync(server.certificate, 'utf8');
  rig.write({ 'both.pem': both });
  const run = await rig.refit('run', 'rides', '--verbose');
  expect(run.exit).not.toBe(0);
  using trusting = rigFor('    url: { from: RIDES_URL }', {
    RIDES_URL: `${url}/token-7f3a/rides.csv?sig=only-signs`,
    NODE_EXTRA_CA_CERTS: join(rig.root, 'both.pem'),
  });
  expect(await trusting.refit('run', 'rides', '--verbose')).toMatchObject({ exit: 0 });
  expect(server.requests.at(-1)?.headers.authorization).toBe(`Basic ${btoa('reader:only-reads-1')}`);
  expect(other.requests.at(-1)?.headers.authorization).toBeUndefined();
  expect(other.requests.at(-1)?.headers.referer).toBeUndefined();
  expect(trusting.query('SELECT place, object, question FROM source_snapshot')).toEqual([
    {
      place: `127.0.0.1:${server.port}`,
      object: expect.stringMatching(/^file-[0-9a-f]{12}$/),
      question: 'the URL in RIDES_URL',
    },
  ]);
  const holding = trusting
    .files('.')
    .filter((file) => /only-reads|only-signs|token-7f3a/.test(readFileSync(join(trusting.root, file), 'latin1')));
  expect(holding).toEqual([]);
});

it.each([
  ['leads on to another host without encryption', 'http://localhost:1/x', 'which is not encrypted'],
  ['leads on to a file', 'file:///etc/passwd', 'which is not encrypted'],
  ['leads on for ever', '/rides.csv', 'leads on more than 5 times'],
])('is not fetched where it %s', async (_, location, words) => {
  await using server = await startFileServer();
  server.answer = (_request, response) => void response.writeHead(302, { location }).end();
  using rig = rigFor(`    url: ${server.url}/rides.csv`);
  expect((await failing(rig, 'source-unreachable')).stdout).toContain(words);
});

it.each([
  [401, 'source-login-refused'],
  [403, 'source-permission-denied'],
  [404, 'source-query-refused'],
  [500, 'source-unreachable'],
])('says what an answer of %s means', async (status, code) => {
  await using server = await startFileServer();
  server.answer = (_, response) => void response.writeHead(status).end('no');
  using rig = rigFor(`    url: ${server.url}/rides.csv`);
  await failing(rig, code);
});

it('gives a slow answer no more time than it has, and nothing of a broken one stays', async () => {
  await using server = await startFileServer();
  server.answer = (_, response) => {
    response.writeHead(200, { 'content-length': 1000 });
    const drip = setInterval(() => response.write('x'), 100);
    response.on('close', () => clearInterval(drip));
  };
  using rig = rigFor(`    url: ${server.url}/rides.csv\n    timeout: 1s`);
  await failing(rig, 'source-timed-out');
  server.answer = (request, response) => {
    response.writeHead(200, { 'content-length': 1000 });
    response.write('id,at\n1,2026-01-01\n', () => request.socket.destroy());
  };
  await failing(rig, 'source-unreachable');
});

it('goes through the proxy of the environment', async () => {
  await using proxy = await startFileServer();
  proxy.answer = (_, response) => void response.end(CSV);
  using rig = rigFor('    url: http://127.0.0.1:65000/rides.csv', { HTTP_PROXY: proxy.url, NO_PROXY: '' });
  expect(await rig.refit('run', 'rides')).toMatchObject({ exit: 0 });
  expect(proxy.requests.map(({ url }) => url)).toEqual(['http://127.0.0.1:65000/rides.csv']);
});

it.each([
  ['    url: http://example.org/rides.csv', 'is none of https (http is taken for this machine only)'],
  ['    url: https://me:secret@example.org/rides.csv', 'holds a password'],
  ['    url: https://example.org/rides.csv\n    every: 7d', 'source: https has no "every"'],
  ['    format: csv', 'source: https needs "url"'],
])('is checked before anything is fetched: %s', async (lines, words) => {
  using rig = rigFor(lines);
  const checked = await rig.refit('validate', 'rides');
  expect(checked.exit).not.toBe(0);
  expect(checked.stdout + checked.stderr).toContain(words);
});

it('is refused without encryption also where a variable says it, and with --no-commands', async () => {
  using rig = rigFor('    url: { from: RIDES_URL }', { RIDES_URL: 'http://example.org/rides.csv' });
  expect((await failing(rig, 'source-url-invalid')).stdout).toContain('http://');
  const refused = await rig.refit('check-data', 'rides', '--no-commands', '--json');
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'source-refused' } });
});
