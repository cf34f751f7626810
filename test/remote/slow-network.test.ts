import { type AddressInfo, createServer, type Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import { expectWhole, sha256, trainAndPromote, workspace } from '../support/remotes.js';
import type { Rig } from '../support/rig.js';
import { type S3Server, startS3 } from '../support/s3-server.js';

const machine = (s3: S3Server, timeout: string): Rig =>
  workspace(
    {
      'refit.yaml': `remotes:\n  ci: { url: "s3://models/team", endpoint: "${s3.endpoint}", region: eu-central-1, timeout: ${timeout} }\n`,
    },
    s3.env,
  );

const isObject = (text: string) => (_: string, key: string) => key.endsWith(sha256(text).slice(2));

/** Resolves when a silent server has been asked. */
function silence(s3: S3Server, isSilent: S3Server['keepSilent']): Promise<void> {
  return new Promise((asked) => {
    s3.keepSilent = (method, key) => {
      if (!isSilent(method, key)) return false;
      asked();
      return true;
    };
  });
}

it.each([
  ['never answers', (method: string) => method === 'HEAD'],
  ['takes a file and says nothing', (method: string, key: string) => method === 'PUT' && key.includes('/objects/')],
  [
    'takes the entry of the log and says nothing',
    (method: string, key: string) => method === 'PUT' && key.includes('/log/'),
  ],
])('a push ends by itself when the server %s', async (_, isSilent) => {
  await using s3 = await startS3('models');
  using a = machine(s3, '300ms');
  await trainAndPromote(a, 'version 1');
  s3.keepSilent = isSilent;
  const pushed = await a.refit('push', 'ci');
  expect(pushed.exit, pushed.stderr).toBe(1);
  expect(pushed.stderr).toContain('did not answer in time');
  s3.keepSilent = () => false;
  expect(await a.json(0, 'push', 'ci')).toMatchObject({ entry: 1 });
});

it('a pull ends by itself when the server stops in the middle of a file', async () => {
  await using s3 = await startS3('models');
  using a = machine(s3, '300ms');
  using b = machine(s3, '300ms');
  await trainAndPromote(a, 'version 1');
  await a.json(0, 'push', 'ci');
  s3.keepSilent = (method, key) => method === 'GET' && isObject('version 1')(method, key);
  const pulled = await b.refit('pull', 'ci');
  expect(pulled.exit, pulled.stderr).toBe(1);
  expect(pulled.stderr).toContain('did not answer in time');
  // nothing was merged that is not there
  expect(b.query('SELECT id FROM run')).toEqual([]);
  s3.keepSilent = () => false;
  await b.json(0, 'pull', 'ci');
  expect(b.read('serving/m/current/model.txt')).toBe('version 1');
  await expectWhole(b);
});

it.each(['SIGINT', 'SIGTERM'] as const)('%s ends a push and a pull that wait for a silent server', async (signal) => {
  await using s3 = await startS3('models');
  using a = machine(s3, '10m');
  await trainAndPromote(a, 'version 1');
  for (const command of ['push', 'pull']) {
    const asked = silence(s3, () => true);
    const waiting = a.start(command, 'ci');
    await asked;
    waiting.kill(signal);
    const { exit, stderr } = await waiting.ended;
    expect(stderr).toContain('interrupted');
    expect(exit).toBe(signal === 'SIGINT' ? 130 : 143);
  }
});

it('pipelines run while a push waits, and what they add is for the next push', async () => {
  await using s3 = await startS3('models');
  using a = machine(s3, '5s');
  using b = machine(s3, '10s');
  await trainAndPromote(a, 'version 1');
  const isModel = isObject('version 1');
  const asked = silence(s3, (method, key) => method === 'PUT' && isModel(method, key));
  const pushing = a.start('push', 'ci', '--json');
  await asked;
  await trainAndPromote(a, 'version 2');
  s3.keepSilent = () => false;
  const pushed = await pushing.ended;
  expect(pushed.exit, pushed.stderr).toBe(0);
  expect(JSON.parse(pushed.stdout)).toMatchObject({ entry: 1, champions: [{ model: 'm', version: 1 }] });
  await b.json(0, 'pull', 'ci');
  expect(b.read('serving/m/current/model.txt')).toBe('version 1');
  expect(await a.json(0, 'push', 'ci')).toMatchObject({ entry: 2, champions: [{ model: 'm', version: 2 }] });
  await b.json(0, 'pull', 'ci');
  expect(b.read('serving/m/current/model.txt')).toBe('version 2');
  await expectWhole(a);
  await expectWhole(b);
});

it('pipelines run while a pull waits', async () => {
  await using s3 = await startS3('models');
  using a = machine(s3, '10s');
  using b = machine(s3, '5s');
  await trainAndPromote(a, 'version 1');
  await a.json(0, 'push', 'ci');
  await b.json(0, 'pull', 'ci');
  await trainAndPromote(a, 'version 2');
  await a.json(0, 'push', 'ci');
  const isModel = isObject('version 2');
  const asked = silence(s3, (method, key) => method === 'GET' && isModel(method, key));
  const pulling = b.start('pull', 'ci', '--json');
  await asked;
  b.write({ 'source.txt': 'of b' });
  await b.json(0, 'run', 'm');
  s3.keepSilent = () => false;
  const pulled = await pulling.ended;
  expect(pulled.exit, pulled.stderr).toBe(0);
  expect(b.read('serving/m/current/model.txt')).toBe('version 2');
  expect(await b.json(0, 'push', 'ci')).toMatchObject({ entry: 3 });
  await expectWhole(b);
});

const HEAD = 'HTTP/1.1 200 OK\r\n';

/** Answers every connection with this, and then with one byte after the other, without end. */
async function startTrickle(begin: string) {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined).write(begin);
    const timer = setInterval(() => socket.write('x'), 50);
    socket.once('close', () => clearInterval(timer)).resume();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

it.each([
  ['a header', `${HEAD}x-a: `],
  ['what it was asked for', `${HEAD}content-type: text/plain\r\n\r\n`],
  ['the reason of an error', 'HTTP/1.1 500 Internal Server Error\r\ncontent-type: text/plain\r\n\r\n'],
])('push and pull end by themselves when a server sends %s byte by byte, without end', async (_, begin) => {
  await using trickle = await startTrickle(begin);
  const keys = { AWS_ACCESS_KEY_ID: 'AKIATESTTESTTEST', AWS_SECRET_ACCESS_KEY: 'a secret key' };
  using a = workspace(
    {
      'refit.yaml': `remotes:\n  ci: { url: "s3://models/team", endpoint: "${trickle.endpoint}", region: eu-central-1, timeout: 1s }\n`,
    },
    keys,
  );
  await trainAndPromote(a, 'version 1');
  for (const command of ['push', 'pull']) {
    const ended = await a.refit(command, 'ci');
    expect(ended.exit, ended.stderr).toBe(1);
    expect(ended.stderr).toContain('did not answer in time');
  }
});

describe('what gives credentials and never answers', () => {
  const NOTHING = {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: 'config',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  };
  const asking = (env: Readonly<Record<string, string>>, timeout: string): Rig =>
    workspace(
      {
        'refit.yaml': `remotes:\n  ci: { url: "s3://models/team", endpoint: "http://127.0.0.1:9", region: eu-central-1, timeout: ${timeout} }\n`,
        config: '[profile program]\ncredential_process = touch asked && exec sleep 100\n',
      },
      { ...NOTHING, ...env },
    );

  it('is waited for no longer than for the bucket', async () => {
    await using trickle = await startTrickle(`${HEAD}x-a: `);
    const sources: readonly Readonly<Record<string, string>>[] = [
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${trickle.endpoint}/keys` },
      { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: trickle.endpoint },
      { AWS_PROFILE: 'program' },
    ];
    for (const env of sources) {
      using a = asking(env, '1s');
      await trainAndPromote(a, 'version 1');
      const pushed = await a.refit('push', 'ci');
      expect(pushed.exit, pushed.stderr).toBe(1);
      expect(pushed.stderr).toMatch(/no credentials came within 1 s|no AWS credentials were found/);
    }
  });

  it('is no longer waited for after a signal', async () => {
    using a = asking({ AWS_PROFILE: 'program' }, '10m');
    await trainAndPromote(a, 'version 1');
    const waiting = a.start('push', 'ci');
    await expect.poll(() => a.has('asked'), { timeout: 20_000 }).toBe(true);
    waiting.kill('SIGINT');
    const { exit, stderr } = await waiting.ended;
    expect(exit, stderr).toBe(130);
  });
});
