import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { createPodman, hasPodman } from '../execute/containers/podman.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

const output = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', cwd: PROJECT });

/** A root file system of busybox, and this machine's Node with npm and the libraries that they need. */
function fillBase(root: string): void {
  const copy = (path: string): void => {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(path, join(root, path));
  };
  for (const folder of ['bin', 'usr/bin', 'usr/lib', 'tmp', 'proc', 'dev', 'sys', 'root'])
    mkdirSync(join(root, folder), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  for (const applet of output('/bin/busybox', '--list').split('\n').filter(Boolean))
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  symlinkSync('/bin/env', join(root, 'usr/bin/env'));
  copyFileSync(process.execPath, join(root, 'usr/bin/node'));
  cpSync(join(output('npm', 'root', '--global').trim(), 'npm'), join(root, 'usr/lib/npm'), { recursive: true });
  symlinkSync('../lib/npm/bin/npm-cli.js', join(root, 'usr/bin/npm'));
  const libraries = output('ldd', process.execPath).match(/\/\S+/g) ?? [];
  for (const path of libraries.filter((one) => !one.endsWith(':'))) copy(path);
  const folder = dirname(libraries.find((path) => path.includes('libc.so')) ?? '/lib/x');
  for (const name of ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2']) copy(join(folder, name));
  copy(CERTIFICATES);
}

/** The compiled SQLite of this checkout as the archive that better-sqlite3 looks for, so that nothing is compiled in the image. */
function makePrebuilt(folder: string): void {
  const { version } = JSON.parse(readFileSync(join(PROJECT, 'node_modules/better-sqlite3/package.json'), 'utf8'));
  const system = `node-v${process.versions.modules}-${process.platform}-${process.arch}`;
  const archive = join(folder, `better-sqlite3-v${version}-${system}.tar.gz`);
  output('tar', '-C', 'node_modules/better-sqlite3', '-czf', archive, 'build/Release/better_sqlite3.node');
}

it.skipIf(!hasPodman())(
  'the Containerfile makes an image that runs refit',
  ({ skip }) => {
    using engine = createPodman();
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'refit-image-')));
    try {
      const [root, context, prebuilt] = ['root', 'context', 'prebuilt'].map((name) => join(folder, name));
      for (const one of [root, context, prebuilt]) mkdirSync(one ?? '');
      fillBase(root ?? '');
      makePrebuilt(prebuilt ?? '');
      output('npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', context ?? '');
      copyFileSync(join(PROJECT, 'Containerfile'), join(context ?? '', 'Containerfile'));
      output('tar', '-C', root ?? '', '-cf', join(folder, 'base.tar'), '.');
      engine.podman('import', join(folder, 'base.tar'), 'localhost/base:1');
      const env = {
        npm_config_better_sqlite3_local_prebuilds: '/prebuilt',
        npm_config_prefer_offline: 'true',
        NODE_EXTRA_CA_CERTS: CERTIFICATES,
        PATH: '/usr/bin:/bin',
      };
      const built = spawnSync(
        'podman',
        [
          ...['build', '--isolation=chroot', '--network=host', '--build-arg=BASE=localhost/base:1', '--tag=refit:test'],
          `--volume=${output('npm', 'config', 'get', 'cache').trim()}:/root/.npm`,
          `--volume=${prebuilt}:/prebuilt`,
          ...Object.entries(env).map(([name, value]) => `--env=${name}=${value}`),
          context ?? '',
        ],
        { encoding: 'utf8', env: { ...process.env, ...engine.env } },
      );
      if (/ENOTFOUND registry|ECONNREFUSED|EAI_AGAIN registry/.test(built.stderr))
        skip('npm cannot reach its registry');
      expect(built.status, built.stderr.slice(-2000)).toBe(0);
      const details = engine.podman('run', '--rm', 'refit:test', '--version', '--verbose');
      expect(details).toMatch(/^sqlite {8}3\.\d+\.\d+ /m);
      expect(details).toContain('installed in  /usr/lib/node_modules/refit\n');
      expect(engine.podman('run', '--rm', 'refit:test', 'init')).toContain('wrote pipelines/hello.yaml');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  600_000,
);
