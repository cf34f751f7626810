import { expect, it } from 'vitest';
import { timed } from '../../security/work/timed.js';
import { createRig } from '../../support/rig.js';

const STEPS = 'steps: { s: { run: "true", inputs: [], outputs: [] } }\n';
const SMALL = { 'pipelines/small.yaml': `pipeline: small\n${STEPS}` };

const params = (name: string, count: number, comment = ''): string =>
  `params:\n${Array.from({ length: count }, (_, i) => `  ${name}${i}: 1${comment}\n`).join('')}`;

it('bounds the values and the characters of all files of a pipeline together', async () => {
  const names = ['a', 'b', 'c', 'd'];
  const including = `include: [${names.map((name) => `parts/${name}.yaml`).join(', ')}]\n${STEPS}`;
  using rig = createRig({
    ...SMALL,
    'pipelines/p.yaml': `pipeline: p\n${including}`,
    ...Object.fromEntries(names.map((name) => [`pipelines/parts/${name}.yaml`, params(name, 60_000)])),
    'pipelines/q.yaml': `pipeline: q\n${including.replaceAll('parts/', 'wide/')}`,
    ...Object.fromEntries(
      names.map((name) => [`pipelines/wide/${name}.yaml`, params(name, 100, ` # ${'x'.repeat(6000)}`)]),
    ),
  });
  const p = await timed(rig, 'validate', 'p');
  expect(p.exit).toBe(2);
  expect(p.text).toMatch(
    /p\.yaml:2:\d+ error too-large with pipelines\/parts\/b\.yaml the files of the pipeline have 12\d{4} lines and values/,
  );
  const q = await timed(rig, 'validate', 'q');
  expect(q.exit).toBe(2);
  expect(q.text).toMatch(/q\.yaml:2:\d+ error too-large with pipelines\/wide\/d\.yaml the files .* characters/);
  expect((await timed(rig, 'validate', 'small')).exit).toBe(0);
  await timed(rig, 'status');
});

it('takes no file for the record of a run', async () => {
  const line = '--- # included file: pipelines/other.yaml\n';
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p\ninclude: [gone.yaml]\n${STEPS}${line}params: { n: 1 }\n`,
    'pipelines/q.yaml': `pipeline: q\n${STEPS}${line}params: { n: 1 }\n`,
    'pipelines/r.yaml': `pipeline: r\ninclude: [parts/a.yaml]\n${STEPS}`,
    'pipelines/parts/a.yaml': `${line}params: { n: 1 }\n`,
  });
  for (const [name, place] of [
    ['p', 'pipelines/p.yaml:4:1'],
    ['q', 'pipelines/q.yaml:3:1'],
    ['r', 'pipelines/parts/a.yaml:1:1'],
  ] as const) {
    const { stdout, stderr, exit } = await rig.refit('validate', name);
    expect(exit).toBe(2);
    expect(stdout + stderr).toContain(`${place} error reserved-line`);
    expect((await rig.refit('run', name)).exit).toBe(2);
  }
});

it('knows no key __proto__, in an included file or a profile', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p\ninclude: [parts/a.yaml]\n${STEPS}`,
    'pipelines/parts/a.yaml': '__proto__: { params: { n: 1 } }\n',
    'pipelines/q.yaml': `pipeline: q\n${STEPS}profiles: { x: { steps: { s: { __proto__: { timeout: 1s } } } } }\n`,
  });
  const p = await rig.refit('validate', 'p');
  expect(p.exit).toBe(2);
  expect(p.stdout + p.stderr).toMatch(/parts\/a\.yaml:1:1 error unknown-key .*__proto__/);
  const q = await rig.refit('validate', 'q', '--profile', 'x');
  expect(q.exit).toBe(2);
  expect(q.stdout + q.stderr).toMatch(/unknown-key .*__proto__/);
});
