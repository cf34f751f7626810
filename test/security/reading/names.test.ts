import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isInstalled } from '../../support/required.js';
import { createRig } from '../../support/rig.js';
import { hasStrace, traceRefit } from '../../support/strace.js';

const canTrace = isInstalled(hasStrace(), 'strace');

const PIPELINE = 'pipeline: far\nsteps: { far-step: { run: "true", inputs: [] } }\nprofiles: { far-profile: {} }\n';

/** Links under names that a command line is completed and explained by. */
const LINKS = [
  ['pipelines', 'pipelines'],
  ['pipelines/p.yaml', 'p.yaml'],
  ['refit.yaml', 'refit.yaml'],
  ['.refit', '.refit'],
  ['.refit/registry.db', 'registry.db'],
] as const;

const ASKED = [
  ['completion', 'zsh', '--', 'run', ''],
  ['completion', 'zsh', '--', 'run', 'far', '--until', ''],
  ['completion', 'zsh', '--', 'push', ''],
  ['completion', 'zsh', '--', 'why', ''],
  ['validate'],
  ['status'],
  ['plan', 'fra'],
  ['schedule', '--all', '--print', 'cron'],
] as const;

describe.skipIf(!canTrace)('a link out of the workspace', () => {
  it.each(LINKS)(
    'under %s is not looked into to complete or explain a name',
    (link, target) => {
      using disk = createRig({
        'p.yaml': PIPELINE,
        'pipelines/p.yaml': PIPELINE,
        'refit.yaml': 'remotes: { far-remote: { url: ./r } }\nroots: [/]\n',
        '.refit/registry.db': '',
        'registry.db': '',
      });
      using rig = createRig({ 'own.txt': '' });
      mkdirSync(join(rig.root, link, '..'), { recursive: true });
      if (link !== 'pipelines' && link !== 'pipelines/p.yaml') mkdirSync(join(rig.root, 'pipelines'));
      symlinkSync(join(disk.root, target), join(rig.root, link));
      for (const args of ASKED) {
        const traced = traceRefit(rig.root, args);
        expect({ args, opened: traced.opened.filter((path) => path.startsWith(disk.root)) }).toEqual({
          args,
          opened: [],
        });
        expect({ args, output: traced.output }).toEqual({ args, output: expect.not.stringContaining('far-') });
      }
    },
    60_000,
  );
});

it('data roots are not read from a refit.yaml that lies elsewhere', async () => {
  using disk = createRig({ 'refit.yaml': 'roots: [/]\n', 'secret.csv': 'a\n1\n' });
  using rig = createRig({
    'pipelines/p.yaml': 'pipeline: p\nsteps: { s: { run: "true", inputs: [in.csv], outputs: [] } }\n',
  });
  symlinkSync(join(disk.root, 'refit.yaml'), join(rig.root, 'refit.yaml'));
  symlinkSync(join(disk.root, 'secret.csv'), join(rig.root, 'in.csv'));
  const { stdout, stderr } = await rig.refit('plan', 'p');
  expect(stdout + stderr).toMatch(/data-outside-workspace|outside the workspace/);
});
