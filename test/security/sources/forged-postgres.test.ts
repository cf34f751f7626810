import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig } from '../../support/rig.js';
import { startForgedPostgres } from '../../support/servers/forged-postgres.js';

const pipeline = (url: string, more = ''): string => `pipeline: p
datasets:
  d:
    source: postgres
    url: ${url}
    query: select secret_word from t${more}
steps: { s: { run: 'cat \${{ datasets.d }} > o', inputs: ["\${{ datasets.d }}"], outputs: [o] } }
`;

const URL_IN_VARIABLE = '{ from: DB_URL }';

it('is sent text of the pipeline only by the protocol that takes one statement', async () => {
  await using server = await startForgedPostgres({
    columns: [
      { name: 'n', type: 23, modifier: -1 },
      { name: 'u', type: 25, modifier: -1 },
    ],
    rows: [['1', 'x']],
  });
  using rig = createRig(
    { 'pipelines/p.yaml': pipeline(URL_IN_VARIABLE, '\n    updated: u') },
    { DB_URL: `postgres://a@127.0.0.1:${server.port}/b` },
  );
  expect(await rig.refit('run', 'p')).toMatchObject({ exit: 0 });
  const types = server.messages.filter(({ body }) => body.includes('secret_word')).map(({ type }) => type);
  expect(types).toEqual(['P', 'P']);
});

it('that gives several results for one statement is a failure that says so', async () => {
  await using server = await startForgedPostgres({ completions: 2 });
  using rig = createRig(
    { 'pipelines/p.yaml': pipeline(URL_IN_VARIABLE) },
    { DB_URL: `postgres://a@127.0.0.1:${server.port}/b` },
  );
  const { stdout } = await rig.refit('run', 'p', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    error: { code: 'source-unreachable', message: expect.stringContaining('several results') },
  });
});

it.each([
  ['a certificate', 'sslrootcert'],
  ['a key', 'sslkey'],
  ['a key, spelled otherwise', '%73sl%6bey'],
  ['a certificate, with a line break', 'ssl\\ncert'],
  ['a certificate, with a space', 'a=b c&sslcert'],
])('opens no file for a URL in a pipeline file that names %s', async (_, parameter) => {
  using rig = createRig({ 'pipe/.keep': '' });
  const pipe = join(rig.root, 'pipe/fifo');
  execFileSync('mkfifo', [pipe]);
  rig.write({ 'pipelines/p.yaml': pipeline(`"postgres://a@127.0.0.1:1/b?${parameter}=${pipe}"`) });
  const { stdout } = await rig.refit('run', 'p', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    error: { code: 'source-url-invalid', next: expect.stringContaining('{ from: DATABASE_URL }') },
  });
});

it('reads files that the URL of a variable names, but no pipe', async () => {
  const env = { DB_URL: '' };
  using rig = createRig({ 'pipelines/p.yaml': pipeline(URL_IN_VARIABLE), 'ca.pem': 'none' }, env);
  execFileSync('mkfifo', [join(rig.root, 'fifo')]);
  const failing = async (file: string) => {
    env.DB_URL = `postgres://a@127.0.0.1:1/b?sslrootcert=${join(rig.root, file)}&sslmode=verify-full`;
    const { stdout } = await rig.refit('run', 'p', '--json');
    return JSON.parse(stdout).error;
  };
  expect(await failing('fifo')).toMatchObject({ code: 'source-url-invalid' });
  expect(await failing('none')).toMatchObject({ code: 'source-url-invalid' });
  expect(await failing('ca.pem')).toMatchObject({ code: 'source-unreachable' });
});

it('gets PGPASSWORD and .pgpass only where the URL comes from a variable', async () => {
  await using server = await startForgedPostgres({ asksPassword: true });
  const url = `postgres://a@127.0.0.1:${server.port}/b`;
  const env: Record<string, string> = { DB_URL: url, PGPASSWORD: 'word-of-env' };
  using rig = createRig({ 'pipelines/p.yaml': pipeline(url), pgpass: '*:*:*:*:word-of-file' }, env);
  chmodSync(join(rig.root, 'pgpass'), 0o600);
  const sent = () => server.messages.filter(({ type }) => type === 'p').map(({ body }) => body.replace('\0', ''));
  const refused = JSON.parse((await rig.refit('run', 'p', '--json')).stdout);
  expect(refused).toMatchObject({
    error: { code: 'source-login-refused', message: expect.stringContaining('PGPASSWORD') },
  });
  delete env.PGPASSWORD;
  env.PGPASSFILE = join(rig.root, 'pgpass');
  expect(await rig.refit('run', 'p')).toMatchObject({ exit: 1 });
  expect(sent()).toEqual([]);
  rig.write({ 'pipelines/p.yaml': pipeline(URL_IN_VARIABLE) });
  expect(await rig.refit('run', 'p')).toMatchObject({ exit: 0 });
  env.PGPASSWORD = 'word-of-env';
  expect(await rig.refit('run', 'p')).toMatchObject({ exit: 0 });
  expect(sent()).toEqual(['word-of-file', 'word-of-env']);
});

it.each([4, 4 + (1001 << 16)])(
  'that gives a numeric a precision that does not exist is said to: %i',
  async (modifier) => {
    await using server = await startForgedPostgres({ columns: [{ name: 'price', type: 1700, modifier }] });
    using rig = createRig(
      { 'pipelines/p.yaml': pipeline(URL_IN_VARIABLE) },
      { DB_URL: `postgres://a@127.0.0.1:${server.port}/b` },
    );
    const { stdout } = await rig.refit('run', 'p', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'source-broken-off', message: expect.stringContaining('column "price" a numeric type') },
    });
  },
);
