import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { createRig } from '../../support/rig.js';

/** Names of files and remotes that a clone brings stand in texts that cron, systemd, CI services and clusters run. */

const PIPELINE = `pipeline: p
steps: { s: { run: 'true', inputs: [], outputs: [o] } }
model: { name: p, path: o, gate: [] }
retrain: daily
`;

const TARGETS = [['cron'], ['systemd'], ['github-actions'], ['gitlab'], ['kubernetes', '--image', 'i']] as const;

it.each([
  ['a line of a crontab', 'sub/a\n* * * * * touch x #.yaml'],
  ['a line of a unit', 'sub/a\nExecStartPre=touch x\n.yaml'],
  ['an option', '-sub/a.yaml'],
])('schedules no file whose name would be %s', async (_, file) => {
  using rig = createRig({ [file]: PIPELINE, 'refit.yaml': '' });
  for (const [target, ...more] of TARGETS) {
    const ended = await rig.refit('schedule', `--print=${target}`, ...more, '--', file);
    expect(ended).toMatchObject({ exit: 2, stdout: '' });
    expect(ended.stderr).toContain('no schedule can hold the name');
  }
});

it('schedules no remote whose name would be a line', async () => {
  using rig = createRig({ 'pipelines/p.yaml': PIPELINE, 'refit.yaml': 'remotes: { "a\\nb": { url: ./there } }\n' });
  const ended = await rig.refit('schedule', 'p', '--print', 'gitlab');
  expect(ended.exit).toBe(2);
  expect(ended.stderr).toContain('no schedule can hold the name "a\\nb"');
});

it('writes no name into a unit or a crontab that they read with backslashes', async () => {
  using rig = createRig({ 'sub/a\\x22.yaml': PIPELINE, 'refit.yaml': '' });
  for (const target of ['cron', 'systemd'])
    expect((await rig.refit('schedule', 'sub/a\\x22.yaml', '--print', target)).exit).toBe(2);
});

it.each([
  ['a file', 'sub/${{ secrets.TOKEN }}.yaml', ''],
  ['a remote', 'sub/a.yaml', 'remotes: { "${{ secrets.TOKEN }}": { url: ./there } }\n'],
])('writes no expression of GitHub that is the name of %s', async (_, file, settings) => {
  using rig = createRig({ [file]: PIPELINE, 'refit.yaml': settings });
  const ended = await rig.refit('schedule', file, '--print', 'github-actions');
  expect(ended).toMatchObject({ exit: 2, stdout: '' });
  expect(ended.stderr).toContain('GitHub would replace');
});

/** As Kubernetes does: every `$(NAME)` is a variable, and `$$` a dollar sign. */
const expanded = (text: string): string =>
  text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (found, name?: string) => (name === undefined ? '$' : `<${name}:${found}>`));

it.each(['schedule', 'export'])('%s gives Kubernetes no reference to a variable in a name', async (command) => {
  const file = 'sub/$(AWS_SECRET_ACCESS_KEY) $$.yaml';
  using rig = createRig({ [file]: PIPELINE, 'refit.yaml': '' });
  const args =
    command === 'schedule' ? ['schedule', file, '--print', 'kubernetes'] : ['export', 'kubernetes-cronjob', file];
  const ended = await rig.refit(...args, '--image', 'i');
  expect(ended.exit, ended.stderr).toBe(0);
  const [container] = parse(ended.stdout).spec.jobTemplate.spec.template.spec.containers;
  expect(expanded(container.command.at(-1))).toContain(`refit retrain '${file}'`);
});
