import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isInstalled } from '../support/required.js';
import { createRig, type Rig } from '../support/rig.js';
import type { S3Server } from '../support/s3-server.js';
import { STEERED } from '../support/steering.js';
import type { ApiServer } from './api-server.js';

/** Debian: kubernetes-client. */
export const hasKubectl = (): boolean =>
  isInstalled(spawnSync('kubectl', ['version', '--client']).status === 0, 'kubectl');

/** A step inherits nothing, so a steered one declares what leads it to the test. */
export const STEER = 'STEERING_SOCKET: { from: STEERING_SOCKET }, STEERED_STEP: { from: STEERED_STEP }';
export const TRAIN = `  train: { run: '${STEERED}', inputs: [rows.csv], outputs: [model.txt], env: { ${STEER} } }\n`;
export const ROWS = { 'rows.csv': 'x\n1\n' };

/** Whether a process may have mounts of its own: a pod has a volume of its own where the workspace is. */
export const canMount = (): boolean =>
  isInstalled(
    spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0,
    'mounts of a process of its own (unshare --mount, as root)',
  );

export interface KubernetesRig extends Rig {
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  /** Makes another context of the kubeconfig the current one. */
  readonly useContext: (name: string) => void;
}

/** A workspace whose kubectl finds the server. `more`: further keys of `executors.kubernetes`. */
export function kubernetesRig(
  server: ApiServer,
  files: Readonly<Record<string, string>>,
  { settings = '', env = {} }: { readonly settings?: string; readonly env?: Readonly<Record<string, string>> } = {},
): KubernetesRig {
  const home = mkdtempSync(join(tmpdir(), 'refit-kubectl-'));
  const config = join(home, 'config');
  writeFileSync(
    config,
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'other' },
      clusters: [
        { name: 'lab', cluster: { server: server.url } },
        { name: 'other', cluster: { server: 'http://127.0.0.1:1' } },
      ],
      contexts: [
        { name: 'lab', context: { cluster: 'lab', user: 'me', namespace: 'training' } },
        { name: 'other', context: { cluster: 'other', user: 'me' } },
      ],
      users: [{ name: 'me', user: {} }],
    }),
  );
  const kube = { KUBECONFIG: config, HOME: home, ...env };
  const rig = createRig(
    {
      'refit.yaml': `executors:\n  kubernetes: { context: lab, namespace: training, image: "example.org/train:7", workspace: { claim: work }${settings === '' ? '' : `, ${settings}`} }\n`,
      ...files,
    },
    kube,
  );
  return {
    ...rig,
    // Not in this thread, which is the server's.
    kubectl: async (...args) => {
      const words = ['--context=lab', '--namespace=training', ...args];
      return (await promisify(execFile)('kubectl', words, { env: { ...process.env, ...kube } })).stdout;
    },
    useContext: (name) => {
      const read = JSON.parse(readFileSync(config, 'utf8'));
      writeFileSync(config, JSON.stringify({ ...read, 'current-context': name }));
    },
    [Symbol.dispose]: () => {
      rig[Symbol.dispose]();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A workspace whose pods have no volume in common with it. `more`: further keys of `executors.kubernetes`. */
export const stagedRig = (
  { server, s3 }: { readonly server: ApiServer; readonly s3: S3Server },
  files: Readonly<Record<string, string>>,
  more = '',
): KubernetesRig =>
  kubernetesRig(
    server,
    {
      'refit.yaml': `remotes: { exchange: { url: "s3://lab/exchange", endpoint: "${s3.endpoint}" } }
executors:
  kubernetes: { context: lab, namespace: training, image: "example.org/train:7", staging: store, remote: exchange, staging_image: "example.org/refit:1", staging_secret: exchange${more === '' ? '' : `, ${more}`} }
`,
      ...files,
    },
    { env: s3.env },
  );
