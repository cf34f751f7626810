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
