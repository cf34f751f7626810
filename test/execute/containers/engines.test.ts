import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRig, type Rig } from '../../support/rig.js';

const ID = 'a'.repeat(64);

const pipeline = (more = ''): string => `pipeline: p
datasets: { rows: { path: "data/*.csv", time: at } }
steps:
  s: { run: 'cat \${{ inputs[0] }} > \${{ outputs[0] }}', inputs: ["\${{ datasets.rows }}"], outputs: [out.csv], image: "python:3.12"${more} }
model: { path: out.csv }
monitor: { reference: out.csv, current: { dataset: rows, window: 30d, prepare: s } }
`;

const ROWS = `at,x\n${Array.from({ length: 60 }, (_, i) => `2026-01-${String(1 + (i % 28)).padStart(2, '0')},${i}`).join('\n')}\n`;

/** Podman and Docker, as far as refit calls them. What they run, they run on this machine. */
const DOCKER = `#!/bin/sh
printf '%s\\n' "$*" >> "$SAID"
case "$1" in
  --version) echo "$0 version 1" ;;
  image) echo "sha256:${ID}" ;;
  run)
    for word; do case "$word" in --entrypoint=*) program=\${word#*=} ;; esac; done
    while [ "$1" != ${ID} ]; do shift; done; shift
    exec "$program" "$@" ;;
esac
`;

const APPTAINER = `#!/bin/sh
printf '%s\\n' "$*" >> "$SAID"
case "$1" in
  --version) echo "apptainer version 1.3" ;;
  pull) echo "image of $3" > "$2" ;;
  exec)
    env | grep '^APPTAINERENV_' >> "$SAID"
    while [ "\${1%.sif}" = "$1" ]; do shift; done; shift
    exec "$@" ;;
esac
`;

let programs: string;
let rig: Rig;

const install = (name: string, text: string): void => {
  writeFileSync(join(programs, name), text);
  chmodSync(join(programs, name), 0o755);
};
const said = (): string => {
  try {
    return readFileSync(join(programs, 'said'), 'utf8');
  } catch {
    return '';
  }
};

beforeEach(() => {
  programs = mkdtempSync(join(tmpdir(), 'refit-engines-'));
  for (const program of ['cat', 'env', 'grep', 'mkfifo'])
    symlinkSync(join('/usr/bin', program), join(programs, program));
  rig = createRig(
    { 'pipelines/p.yaml': pipeline(), 'data/a.csv': ROWS },
    { PATH: programs, SAID: join(programs, 'said'), TOKEN: 'hush-hush' },
  );
});
afterEach(() => {
  rig[Symbol.dispose]();
  rmSync(programs, { recursive: true });
});

it('never runs a step on the machine where no engine is installed', async () => {
  const ended = await rig.refit('run', 'p');
  expect(ended.exit).toBe(1);
  expect(ended.stderr).toContain('container-engine-missing step "s" runs in the image python:3.12');
  expect(ended.stderr).toContain('install one of them');
  expect(rig.has('out.csv')).toBe(false);
  install('docker', DOCKER);
  rig.write({ 'refit.yaml': 'container: { engine: podman }' });
  expect((await rig.refit('run', 'p')).stderr).toContain('podman is not on the PATH');
  expect(said()).toBe('');
});

it('takes podman before docker, and docker before apptainer', async () => {
  install('apptainer', APPTAINER);
  await rig.json(0, 'run', 'p');
  expect(said()).toContain('exec --cleanenv');
  install('docker', DOCKER);
  await rig.json(0, 'run', 'p', '--force');
  expect(said()).toContain(`image inspect --format {{.Id}} python:3.12`);
  const before = said().length;
  install('podman', DOCKER.replace('printf', 'printf "podman %s\\n" "$1" >> "$SAID"; printf'));
  await rig.json(0, 'run', 'p', '--force');
  expect(said().slice(before)).toMatch(/^podman run$/m);
});

it('knows the image of apptainer by the content of its file, and pulls it once', async () => {
  install('apptainer', APPTAINER);
  rig.write({ 'pipelines/p.yaml': pipeline(', env: { A: "1" }, secrets: [TOKEN]') });
  await rig.json(0, 'run', 'p');
  expect(said()).toMatch(/^pull \S+\.sif docker:\/\/python:3\.12$/m);
  expect(said()).toMatch(/^APPTAINERENV_A=1$/m);
  expect(said()).toMatch(/^APPTAINERENV_TOKEN=hush-hush$/m);
  await rig.json(0, 'run', 'p');
  expect(said().match(/^pull /gm)).toHaveLength(1);
  rig.write({ 'env.sif': 'one', 'pipelines/p.yaml': pipeline().replace('python:3.12', 'env.sif') });
  await rig.json(0, 'run', 'p');
  rig.write({ 'env.sif': 'two' });
  const again = await rig.json(0, 'run', 'p');
  expect(again.run.steps[0].reasons).toMatchObject([{ code: 'env-changed', detail: 'image-id' }]);
  rig.remove('env.sif');
  expect((await rig.refit('run', 'p')).stderr).toContain('env.sif is not in the workspace');
});

it.each([
  [['plan', 'p'], 0],
  [['status'], 0],
  [['validate', 'p'], 0],
  [['why', 'p@1'], 0],
  [['doctor'], 0],
  [['check-drift', 'p', '--no-commands', '--now', '2026-01-29'], 1],
] as const)('refit %s asks no engine', async (args, exit) => {
  install('docker', DOCKER);
  await rig.json(0, 'run', 'p', '--now', '2026-01-29');
  await rig.json(0, 'promote', 'p@1', '--reason', 'first', '--now', '2026-01-29');
  const before = said();
  expect((await rig.refit(...args)).exit).toBe(exit);
  expect(said()).toBe(before);
});

it('prepares the current window in the image too', async () => {
  install('docker', DOCKER);
  await rig.json(0, 'run', 'p', '--now', '2026-01-29');
  await rig.json(0, 'promote', 'p@1', '--reason', 'first', '--now', '2026-01-29');
  const before = said();
  const checked = await rig.refit('check-drift', 'p', '--now', '2026-01-29');
  expect(checked.exit, checked.stderr).toBe(0);
  expect(said().slice(before.length)).toContain('run --rm');
  expect(checked.stderr).toContain('--no-commands refuses it');
});

it('refuses a Python environment of this machine beside an image', async () => {
  rig.write({ 'pipelines/p.yaml': pipeline(', python: .venv') });
  const ended = await rig.refit('validate', 'p');
  expect(ended.exit).toBe(2);
  expect(ended.stdout + ended.stderr).toContain('cannot use a Python environment of this machine');
});

it.each([['-v /:/host'], ['--privileged'], ['two words'], ['']])(
  'refuses "%s" as the name of an image',
  async (image) => {
    rig.write({ 'pipelines/p.yaml': pipeline().replace('"python:3.12"', JSON.stringify(image)) });
    expect((await rig.refit('validate', 'p')).exit).toBe(2);
  },
);
