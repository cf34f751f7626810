import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInstalled } from '../../support/required.js';

/** Podman with a store of its own, and a small image in it. The images and containers of this machine are left alone. */
export interface Podman extends Disposable {
  /** What refit must inherit to use this store. */
  readonly env: Readonly<Record<string, string>>;
  readonly podman: (...args: readonly string[]) => string;
  /** Makes an image of busybox and these files, named by `tag`. Returns its id. */
  readonly makeImage: (tag: string, files?: Readonly<Record<string, string>>) => string;
  /** Names of all containers, also of those that have ended. */
  readonly containers: () => readonly string[];
}

const isFound = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Debian puts catatonit, the init process that Podman starts for `--init`, here. */
const INIT = ['/usr/libexec/podman/catatonit', '/usr/bin/catatonit'];
const BUSYBOX = '/bin/busybox';

export const hasPodman = (): boolean =>
  isInstalled(
    isFound('podman') && INIT.some(existsSync) && existsSync(BUSYBOX) && !isDynamic(BUSYBOX),
    'podman with catatonit, and busybox-static,',
  );

const isDynamic = (program: string): boolean => spawnSync('ldd', [program]).status === 0;

export function createPodman(): Podman {
  const folder = mkdtempSync(join(tmpdir(), 'refit-podman-'));
  const env = settingsIn(folder);
  const podman = (...args: readonly string[]): string =>
    execFileSync('podman', args, {
      encoding: 'utf8',
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  return {
    env,
    podman,
    makeImage: (tag, files = {}) => {
      const archive = join(folder, 'image.tar');
      const root = rootWith(folder, files);
      execFileSync('tar', ['-C', root, '-cf', archive, '.']);
      podman('import', archive, tag);
      rmSync(root, { recursive: true });
      return podman('image', 'inspect', '--format', '{{.Id}}', tag).trim();
    },
    containers: () => podman('ps', '--all', '--format', '{{.Names}}').split('\n').filter(Boolean),
    [Symbol.dispose]: () => {
      try {
        podman('rm', '--force', '--all', '--time', '0');
        podman('rmi', '--force', '--all');
      } finally {
        spawnSync('umount', [join(folder, 'graph', 'overlay')]);
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** What this machine may lack is switched off: a session bus, systemd, a network of its own, limits above the usual ones. */
function settingsIn(folder: string): Readonly<Record<string, string>> {
  const files = {
    'containers.conf': `[engine]
${isFound('runc') ? 'runtime = "runc"' : ''}
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
netns = "none"
`,
    'storage.conf': `[storage]
driver = "overlay"
graphroot = "${folder}/graph"
runroot = "${folder}/run"
`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return {
    CONTAINERS_CONF: join(folder, 'containers.conf'),
    CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
  };
}

/** A root file system of busybox and some files. */
function rootWith(folder: string, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(folder, 'root-'));
  for (const name of ['bin', 'tmp', 'etc', 'proc', 'dev', 'sys']) mkdirSync(join(root, name));
  copyFileSync(BUSYBOX, join(root, 'bin/busybox'));
  const applets = execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean);
  for (const applet of applets) if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text, { mode: 0o755 });
  return root;
}
