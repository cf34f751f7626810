import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInstalled } from '../support/required.js';

const SCRIPT = join(import.meta.dirname, 'cluster.sh');
const PROGRAMS = ['slurmctld', 'slurmd', 'munged', 'sbatch', 'squeue', 'scancel'];

/** Debian: slurmctld slurmd slurm-client munge. Only root may start a slurmd that runs jobs. */
export const hasSlurm = (): boolean =>
  isInstalled(
    process.getuid?.() === 0 && PROGRAMS.every((name) => spawnSync('which', [name]).status === 0),
    'a Slurm cluster (slurmctld, slurmd, slurm-client, munge; as root)',
  );

/** Whether a process may have mounts of its own. */
export const canHide = (): boolean =>
  isInstalled(
    spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0,
    'mounts of a process of its own (unshare --mount, as root)',
  );

/** A cluster of three nodes, n1 to n3, on this machine. */
export interface Cluster extends Disposable {
  /** For refit, so that it finds the cluster. */
  readonly env: Readonly<Record<string, string>>;
  /** What a command of Slurm prints. */
  readonly ask: (command: string, ...args: readonly string[]) => string;
  /** The jobs that the controller knows, ended ones too: id and state. */
  readonly jobs: () => readonly { readonly id: string; readonly state: string }[];
  readonly killNode: (node: string) => void;
  readonly startNode: (node: string) => void;
}

/** `hidden`: a folder that the nodes do not see. `killWaitSeconds`: between TERM and KILL, 5 without it. */
export async function startCluster({
  hidden,
  killWaitSeconds = 5,
}: {
  readonly hidden?: string;
  readonly killWaitSeconds?: number;
} = {}): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'refit-slurm-'));
  const env = { SLURM_CONF: join(folder, 'slurm.conf') };
  const script = (...args: readonly string[]): void =>
    void execFileSync('bash', [SCRIPT, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 60_000,
      env: {
        ...process.env,
        KILL_WAIT: String(killWaitSeconds),
        ...(hidden === undefined ? {} : { REFIT_HIDDEN: hidden }),
      },
    });
  const stop = (): void => {
    script('stop', folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    script('start', folder, ...(await freePorts(4)).map(String));
  } catch (error) {
    stop();
    throw error;
  }
  const ask: Cluster['ask'] = (command, ...args) =>
    execFileSync(command, args, { env: { ...process.env, ...env }, encoding: 'utf8', timeout: 30_000 });
  return {
    env,
    ask,
    jobs: () =>
      ask('squeue', '--noheader', '--array', '--states=all', '--format=%i %T')
        .split('\n')
        .flatMap((line) => {
          const [id = '', state = ''] = line.trim().split(' ');
          return id === '' ? [] : [{ id, state }];
        }),
    killNode: (node) => process.kill(Number(readFileSync(join(folder, `slurmd.${node}.pid`), 'utf8')), 'SIGKILL'),
    startNode: (node) => script('slurmd', folder, node),
    [Symbol.dispose]: stop,
  };
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
