import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createForgeServer, githubEnv, gitlabEnv } from '../../report/forge-server.js';
import { createRig } from '../../support/rig.js';

/** Values that stand where a text, a number, a list or an object belongs. */
const WRONG: readonly unknown[] = [
  null,
  [],
  {},
  0,
  -1,
  1e308,
  true,
  '',
  'text',
  [null],
  ['text'],
  [[]],
  { toString: 1 },
  { toString: null, valueOf: null },
  { length: -1 },
  { __proto__: null, find: 1 },
];

/** The document with each of its parts replaced by each wrong value. */
function* spoiled(document: unknown): Iterable<unknown> {
  yield* WRONG;
  if (Array.isArray(document)) {
    for (const [at, part] of document.entries())
      for (const wrong of spoiled(part)) yield document.map((one, i) => (i === at ? wrong : one));
  } else if (typeof document === 'object' && document !== null) {
    for (const [key, part] of Object.entries(document))
      for (const wrong of spoiled(part)) yield { ...document, [key]: wrong };
  }
}

const MARKER = '<!-- refit comment . -->';
const GITHUB = { id: 1, body: `${MARKER}\nold`, user: { login: 'me', type: 'User' }, html_url: 'https://h/1' };
const GITLAB = { id: 1, body: `${MARKER}\nold`, author: { username: 'me' } };

describe('an answer to a comment that is not what it should be', () => {
  it.each(['GitHub', 'GitLab'] as const)(
    'of %s ends with a message, and never with a bug',
    async (kind) => {
      await using forge = await createForgeServer(kind);
      using rig = createRig({ 'report.md': 'x' }, kind === 'GitHub' ? githubEnv(forge) : gitlabEnv(forge));
      const comment = kind === 'GitHub' ? GITHUB : GITLAB;
      const wrong = [...spoiled([comment])];
      // A few of each place at a time: each of them is one start of the program.
      const chosen = [
        ...wrong.filter((_, i) => i % 17 === 0),
        [{ ...comment, [kind === 'GitHub' ? 'user' : 'author']: { login: { toString: 1 } } }],
      ];
      for (const answer of chosen) {
        forge.answerWith = (response) => response.writeHead(200).end(JSON.stringify(answer));
        const { exit, stderr } = await rig.refit('comment', '--file', 'report.md');
        expect({ answer, exit, stderr }).toEqual({ answer, exit: expect.toSatisfy((e) => e === 0 || e === 1), stderr });
        expect(stderr).not.toContain('bug');
      }
      for (const owner of [null, [], 0, { login: { toString: 1 } }]) {
        forge.answerWith = (response, _, path) =>
          response.writeHead(200).end(JSON.stringify(path.startsWith('/user') ? owner : [comment]));
        const { exit, stderr } = await rig.refit('comment', '--file', 'report.md');
        expect({ owner, exit }).toEqual({ owner, exit: 1 });
        expect(stderr).toContain('comment-failed');
      }
    },
    120_000,
  );
});

it('an event of a job that is not what it should be names no pull request', async () => {
  await using forge = await createForgeServer();
  using rig = createRig(
    { 'report.md': 'x' },
    { ...githubEnv(forge), GITHUB_REF: undefined, GITHUB_EVENT_PATH: 'e.json' },
  );
  const events = [
    null,
    1,
    { pull_request: 1 },
    { issue: null },
    { pull_request: { number: { toString: 1 } } },
    { issue: { number: [7], pull_request: 1 } },
  ];
  for (const event of events) {
    rig.write({ 'e.json': JSON.stringify(event) });
    expect(await rig.json(0, 'comment', '--file', 'report.md')).toMatchObject({ result: 'printed' });
  }
});

it('an answer of a tracking server that is not what it should be is told, and the run stays', async () => {
  const good: Readonly<Record<string, unknown>> = {
    'experiments/get-by-name': { experiment: { experiment_id: '1', lifecycle_stage: 'active' } },
    'runs/search': { runs: [{ info: { run_id: 'r', status: 'RUNNING' } }] },
    'model-versions/search': {
      model_versions: [{ name: 'm', version: '1', tags: [{ key: 'refit.version', value: '1' }] }],
    },
    'model-versions/create': { model_version: { version: '1' } },
  };
  let spoil: { readonly endpoint: string; readonly answer: unknown } | undefined;
  const server = createServer((request, response) => {
    const endpoint = new URL(request.url ?? '', 'http://h').pathname.replace('/api/2.0/mlflow/', '');
    const answer = spoil?.endpoint === endpoint ? spoil.answer : (good[endpoint] ?? {});
    request.resume().on('end', () => response.writeHead(200).end(JSON.stringify(answer)));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    const url = `http://a%zz@127.0.0.1:${(server.address() as AddressInfo).port}`;
    using rig = createRig(
      {
        'pipelines/p.yaml': `pipeline: p
steps: { t: { run: "echo 1 > m.txt", inputs: [], outputs: [m.txt] } }
model: { name: m, path: m.txt }
`,
        'refit.yaml': 'mlflow: { url: { from: TRACKING } }\n',
      },
      { TRACKING: url },
    );
    for (const [endpoint, document] of Object.entries(good)) {
      for (const answer of [...spoiled(document)].filter((_, i) => i % 19 === 0)) {
        spoil = { endpoint, answer };
        const { exit, stderr } = await rig.refit('run', 'p', '--force');
        expect({ endpoint, answer, exit, stderr }).toEqual({ endpoint, answer, exit: 0, stderr });
        expect(stderr).not.toContain('internal error');
      }
    }
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}, 300_000);

it.each(['GitHub', 'GitLab'] as const)(
  'a server that is not that of the job does not get the token of %s',
  async (kind) => {
    await using forge = await createForgeServer(kind);
    const { host } = new URL(forge.url);
    const env = kind === 'GitHub' ? githubEnv(forge) : gitlabEnv(forge);
    const foreign = { ...env, GITHUB_SERVER_URL: 'https://github.com', CI_SERVER_URL: 'https://gitlab.com' };
    using rig = createRig({ 'report.md': 'x' }, foreign);
    const refused = await rig.refit('comment', '--file', 'report.md');
    expect(refused).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining(`names ${host}, which is not the server`),
    });
    expect(forge.calls).toEqual([]);
    using named = createRig({ 'report.md': 'x' }, { ...foreign, GH_HOST: host, GITLAB_HOST: host });
    expect((await named.refit('comment', '--file', 'report.md')).exit).toBe(0);
  },
);
