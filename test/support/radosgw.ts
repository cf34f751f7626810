import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

/** Ceph's S3 server: one that nobody here wrote. In Debian: radosgw, ceph-mon, ceph-osd and ceph-common. */
export interface Radosgw extends AsyncDisposable {
  readonly endpoint: string;
  readonly env: Readonly<Record<string, string>>;
  /** Method, path and status of the requests that it has answered, in order, as its own log has them. */
  readonly requests: () => readonly string[];
}

const PROGRAMS = ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph', 'ceph-authtool', 'monmaptool', 'bash'];

export function hasRadosgw(): boolean {
  const isThere = PROGRAMS.every((name) => spawnSync('which', [name]).status === 0);
  if (!isThere) process.stderr.write('radosgw is not installed: no test against a real S3 server\n');
  return isThere;
}

const ACCESS = 'refitaccesskey';
const SECRET = 'refitsecretkey';

export async function startRadosgw(bucket: string): Promise<Radosgw> {
  const folder = mkdtempSync(join(tmpdir(), 'refit-rgw-'));
  const port = await freePort();
  const stop = (): void => {
    for (const pid of existsSync(join(folder, 'pids'))
      ? readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n')
      : [])
      end(Number(pid));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    const script = join(import.meta.dirname, 'radosgw.sh');
    execFileSync('bash', [script, folder, String(port), ACCESS, SECRET], { stdio: ['ignore', 'ignore', 'pipe'] });
    const client = new S3Client({
      endpoint,
      region: 'default',
      forcePathStyle: true,
      credentials: { accessKeyId: ACCESS, secretAccessKey: SECRET },
    });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    client.destroy();
  } catch (error) {
    stop();
    throw error;
  }
  return {
    endpoint,
    env: { AWS_ACCESS_KEY_ID: ACCESS, AWS_SECRET_ACCESS_KEY: SECRET },
    requests: () =>
      [...readFileSync(join(folder, 'client.rgw.log'), 'utf8').matchAll(/ beast: .*?"(\w+ \S+) HTTP\/1.1" (\d+)/g)].map(
        ([, request, status]) => `${request} ${status}`,
      ),
    [Symbol.asyncDispose]: async () => stop(),
  };
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}

/** The server takes the ports after it too. */
function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => done(Math.min(port, 65_000)));
    });
  });
}
