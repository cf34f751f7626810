import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { trainAndPromote, workspace } from '../support/remotes.js';
import type { Rig } from '../support/rig.js';
import { type S3Server, startS3 } from '../support/s3-server.js';

type Env = Readonly<Record<string, string>>;

/** Hides the AWS files and the role of the machine that runs the test. */
const NOTHING = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
};

/** A temporary folder with the given files; `at` returns their absolute paths. */
function folderOf(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'refit-aws-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text, { mode: 0o755 });
  return {
    at: (name: string): string => join(root, name),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

const machine = (env: Env, settings = ''): Rig =>
  workspace({ 'refit.yaml': `remotes:\n  ci: { url: "s3://models/team"${settings} }\n` }, { ...NOTHING, ...env });

/** Expects that a version pushed from one workspace can be pulled into another. */
async function expectReached(s3: S3Server, env: Env, settings?: string): Promise<void> {
  using a = machine(env, settings);
  using b = machine(env, settings);
  await trainAndPromote(a, 'version 1');
  await a.json(0, 'push', 'ci');
  await b.json(0, 'pull', 'ci');
  expect(b.read('serving/m/current/model.txt')).toBe('version 1');
  expect([...s3.objects.keys()].every((key) => key.startsWith('team/'))).toBe(true);
}

const keysOf = ({ env }: S3Server): string =>
  `aws_access_key_id = ${env.AWS_ACCESS_KEY_ID}\naws_secret_access_key = ${env.AWS_SECRET_ACCESS_KEY}\n`;
const endpointOf = (s3: S3Server): string => `, endpoint: "${s3.endpoint}"`;

it('reads the credentials of a profile from the shared credentials file', async () => {
  await using s3 = await startS3('models');
  using files = folderOf({
    credentials: `[default]\naws_access_key_id = wrong\naws_secret_access_key = wrong\n\n[team]\n${keysOf(s3)}`,
  });
  const env = { AWS_SHARED_CREDENTIALS_FILE: files.at('credentials') };
  await expectReached(s3, { ...env, AWS_PROFILE: 'team' }, endpointOf(s3));
  using other = machine(env, endpointOf(s3));
  expect((await other.refit('pull', 'ci')).stderr).toContain('it answered 403');
});

it('reads endpoint, region and credentials from the shared config file', async () => {
  await using s3 = await startS3('models');
  using files = folderOf({
    config: `[profile team]\n${keysOf(s3)}region = eu-central-1\nservices = local\n\n[services local]\ns3 =\n  endpoint_url = ${s3.endpoint}\n`,
  });
  await expectReached(s3, { AWS_CONFIG_FILE: files.at('config'), AWS_PROFILE: 'team' });
});

it('reads the credentials that the credential process of a profile prints', async () => {
  await using s3 = await startS3('models');
  const { AWS_ACCESS_KEY_ID: AccessKeyId, AWS_SECRET_ACCESS_KEY: SecretAccessKey } = s3.env;
  using files = folderOf({
    'keys.json': JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey }),
    config: '',
  });
  writeFileSync(files.at('config'), `[default]\ncredential_process = cat ${files.at('keys.json')}\n`);
  await expectReached(s3, { AWS_CONFIG_FILE: files.at('config') }, endpointOf(s3));
});

it('prefers the S3 endpoint of the environment to the general endpoint', async () => {
  await using s3 = await startS3('models');
  await expectReached(s3, { ...s3.env, AWS_ENDPOINT_URL: s3.endpoint });
  await using both = await startS3('models');
  const env = { ...both.env, AWS_ENDPOINT_URL: s3.endpoint, AWS_ENDPOINT_URL_S3: both.endpoint };
  await expectReached(both, env);
  // The remote's own settings take precedence over both.
  await using third = await startS3('models');
  await expectReached(third, env, endpointOf(third));
});

it('exchanges the web identity of a job for credentials', async () => {
  await using s3 = await startS3('models');
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = s3.env;
  const tokens: string[] = [];
  await using sts = await listening(
    createServer((request, response) => {
      let body = '';
      request.on('data', (part) => {
        body += part;
      });
      request.on('end', () => {
        tokens.push(new URLSearchParams(body).get('WebIdentityToken') ?? '');
        response.writeHead(200, { 'content-type': 'text/xml' });
        response.end(
          `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>${AWS_ACCESS_KEY_ID}</AccessKeyId><SecretAccessKey>${AWS_SECRET_ACCESS_KEY}</SecretAccessKey><SessionToken>session</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
        );
      });
    }),
  );
  using files = folderOf({ token: 'token of the job' });
  await expectReached(
    s3,
    {
      AWS_WEB_IDENTITY_TOKEN_FILE: files.at('token'),
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/training',
      AWS_ENDPOINT_URL_STS: sts.url,
      AWS_REGION: 'eu-central-1',
    },
    endpointOf(s3),
  );
  expect(new Set(tokens)).toEqual(new Set(['token of the job']));
});

it('reports where it looked for credentials', async () => {
  await using s3 = await startS3('models');
  using nobody = machine({}, endpointOf(s3));
  const none = await nobody.refit('pull', 'ci');
  expect(none.exit).toBe(1);
  expect(none.stderr).toContain('no AWS credentials were found');
  expect(none.stderr).toContain('AWS_ACCESS_KEY_ID');
  using stranger = machine({ AWS_PROFILE: 'nobody' }, endpointOf(s3));
  expect((await stranger.refit('pull', 'ci')).stderr).toContain('nobody');
});

async function listening(server: Server) {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
