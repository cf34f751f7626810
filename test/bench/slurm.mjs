// What a step costs as a job of Slurm, against sbatch alone on the same cluster: npm run bench:slurm (as root)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { median, REFIT, timeOnce, workspace } from './measure.mjs';

const NODE = process.execPath;
const PROJECT = resolve(import.meta.dirname, '../..');
const CLUSTER = join(PROJECT, 'test/slurm/cluster.sh');
const ROUNDS = 7;
const TASKS = 200;

const folder = mkdtempSync(join(tmpdir(), 'refit-slurm-'));
process.env.SLURM_CONF = join(folder, 'slurm.conf');
const ports = [0, 1, 2, 3].map((i) => String(20_000 + (process.pid % 5000) * 4 + i));
const sbatch = (root, ...args) =>
  timeOnce(root, ['sbatch', '--wait', '--parsable', '--nodes=1', '--ntasks=1', '--output=/dev/null', ...args]);
const refit = (root, ...args) => timeOnce(root, [NODE, REFIT, 'run', ...args, '--quiet', '--json']);
const jobs = () =>
  execFileSync('squeue', ['--noheader', '--array', '--states=all', '--format=%i'], { encoding: 'utf8' });
const jobCount = () => jobs().split('\n').length - 1;
const seconds = (one) => `${one.toFixed(1)} s`;

function one() {
  const root = workspace({
    'pipelines/p.yaml':
      'pipeline: p\nexecutor: slurm\nsteps: { a: { run: echo a > a.txt, inputs: [], outputs: [a.txt] } }\n',
  });
  const times = { bare: [], refit: [] };
  for (let i = 0; i < ROUNDS; i++) {
    times.bare.push(sbatch(root, '--wrap=echo a > a.txt'));
    times.refit.push(refit(root, 'p', '--force'));
  }
  return { bare: median(times.bare), refit: median(times.refit) };
}

function array() {
  const k = Array.from({ length: TASKS }, (_, i) => i).join(', ');
  const root = workspace({
    'pipelines/p.yaml': `pipeline: p\nexecutor: slurm\nsteps:\n  m:\n    matrix: { k: [${k}] }\n    run: 'echo \${{ matrix.k }} > \${{ outputs[0] }}'\n    inputs: []\n    outputs: ['out/\${{ matrix.k }}.txt']\n`,
  });
  const bare = sbatch(root, `--array=0-${TASKS - 1}`, '--wrap=echo $SLURM_ARRAY_TASK_ID > a.txt');
  const before = jobCount();
  return { bare, refit: refit(root, 'p'), jobs: jobCount() - before };
}

function flights() {
  const root = workspace({});
  execFileSync('cp', ['-r', join(PROJECT, 'pipelines'), root]);
  symlinkSync(join(PROJECT, 'node_modules'), join(root, 'node_modules'));
  execFileSync(NODE, ['pipelines/flights/land.js', '2001-01'], { cwd: root });
  const before = jobCount();
  const slurm = refit(root, 'flights', '--executor', 'slurm', '--now', '2001-02-01');
  const made = jobCount() - before;
  return { slurm, jobs: made, local: refit(root, 'flights', '--executor', 'local', '--force', '--now', '2001-02-01') };
}

try {
  execFileSync('bash', [CLUSTER, 'start', folder, ...ports], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [single, many, example] = [one(), array(), flights()];
  process.stdout.write(
    [
      `one step: sbatch --wait ${seconds(single.bare)}, refit ${seconds(single.refit)}, ${(single.refit / single.bare).toFixed(2)} x`,
      `${TASKS} array steps: sbatch --wait ${seconds(many.bare)}, refit ${seconds(many.refit)}, ${(many.refit / many.bare).toFixed(2)} x, ${many.jobs} jobs`,
      `flights: ${example.jobs} jobs, slurm ${seconds(example.slurm)}, local ${seconds(example.local)}`,
      '',
    ].join('\n'),
  );
} finally {
  execFileSync('bash', [CLUSTER, 'stop', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  rmSync(folder, { recursive: true, force: true });
}
