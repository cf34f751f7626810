import { expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';

/** The score of a model is written in it. */
const EVALUATE = `import { readFileSync, writeFileSync } from 'node:fs';
const [model, out] = process.argv.slice(2);
writeFileSync(out, readFileSync(model, 'utf8'));`;

const yaml = (gate: string, more = ''): Record<string, string> => ({
  'pipelines/m.yaml': `pipeline: m
steps:
  train: { run: cp source.json model.json, inputs: [source.json], outputs: [model.json] }
model:
  path: model.json
  evaluate: { run: "node evaluate.mjs \${{ model.path }} \${{ evaluation.path }}", inputs: [evaluate.mjs] }
  gate:
${gate
  .trim()
  .split('\n')
  .map((line) => `    - ${line}`)
  .join('\n')}
${more}`,
});
const source = (text: string): Record<string, string> => ({ 'source.json': text });
const auc = (value: number): Record<string, string> => source(JSON.stringify({ auc: value }));

const gated = (gate: string): Rig => createRig({ ...yaml(gate), 'evaluate.mjs': EVALUATE, ...auc(0.7) });
const checksOf = ({ gate }: Document): readonly string[][] =>
  gate.checks.map(({ name, verdict }: { name: string; verdict: string }) => [name, verdict]);

it('compares with the champion, with what served before it and with a version by name, each on the same data', async () => {
  using rig = gated('auc >= 0.1\n{ metric: auc, against: [champion, previous, m@1], max_regression: 0.05 }');
  for (const [i, value] of [0.7, 0.8, 0.82].entries()) {
    rig.write(auc(value));
    await rig.json(0, 'run', 'm');
    await rig.json(0, 'promote', `m@${i + 1}`, '--reason', 'better');
  }
  rig.write(auc(0.76));
  expect(checksOf(await rig.json(0, 'run', 'm'))).toEqual([
    ['auc >= 0.1', 'pass'],
    ['auc against champion, max_regression 0.05', 'fail'],
    ['auc against previous, max_regression 0.05', 'pass'],
    ['auc against m@1, max_regression 0.05', 'pass'],
  ]);
  // what is compared with is part of what the verdict is bound to: m@2 was "previous" then
  await rig.json(0, 'rollback', 'm', '--reason', 'bad');
  const again = await rig.json(0, 'promote', 'm@4', '--reason', 'against m@2 it is good enough');
  expect(checksOf(again).map(([, verdict]) => verdict)).toEqual(['pass', 'pass', 'pass', 'pass']);
});

it('refuses to compare with a version that does not exist, and with an unknown name', async () => {
  using rig = gated('auc >= 0.1\n{ metric: auc, against: m@7, max_regression: 0.05 }');
  expect(checksOf(await rig.json(0, 'run', 'm'))[1]).toEqual(['auc against m@7, max_regression 0.05', 'fail']);
  rig.write(yaml('{ metric: auc, against: the-best, max_regression: 0.05 }'));
  expect((await rig.refit('validate', 'm')).stderr).toContain('write champion, previous, scratch, or a version');
});

it.each([
  ['NaN', '{ "auc": NaN }'],
  ['Infinity', '{ "auc": Infinity }'],
  ['-Infinity', '{ "auc": -Infinity }'],
  ['nothing', '{ "mae": 1 }'],
])('does not promote a model scored with %s, and says what it was', async (word, text) => {
  using rig = gated('auc >= 0.1');
  rig.write(source(text));
  const { gate } = await rig.json(0, 'run', 'm');
  expect(gate.checks[0]).toMatchObject({ verdict: 'fail', observed: null });
  expect(gate.checks[0].detail).toContain(word === 'nothing' ? 'it has mae' : word);
  await rig.json(5, 'promote', 'm@1', '--reason', 'try');
});

it('ends a smoke test that holds more memory than it may, or runs longer', async () => {
  using rig = gated(`auc >= 0.1
{ smoke: "node -e 'const a = []; for (let i = 0; i < 40; i++) a.push(Buffer.alloc(1e7, 1)); setTimeout(() => a.length, 20000)'", memory: 200MiB }
{ smoke: "node -e 0", memory: 200MiB }
{ smoke: sleep 20, timeout: 300ms }`);
  const { gate } = await rig.json(0, 'run', 'm');
  expect(
    gate.checks.slice(1).map(({ verdict, detail }: { verdict: string; detail: string }) => [verdict, detail]),
  ).toEqual([
    ['fail', expect.stringMatching(/held \d+ MiB of memory, more than 200 MiB/)],
    ['pass', expect.stringContaining('exited with 0')],
    ['fail', expect.stringContaining('ran longer than 300ms')],
  ]);
  expect(rig.processes()).toEqual([]);
});

it('measures the time of a command, or uses the time that the command measured', async () => {
  using rig = gated(`auc >= 0.1
{ latency: "echo run >> ran.txt; cat \${{ model.path }}", max: 5s, runs: 3 }
{ latency: "printf '1\\\\n2\\\\n300\\\\n' >> $REFIT_LATENCY", max: 100ms, runs: 1 }
{ latency: "printf '1\\\\n2\\\\n300\\\\n' >> $REFIT_LATENCY", max: 100ms, runs: 1, quantile: 0.5 }
{ latency: "echo soon >> $REFIT_LATENCY", max: 100ms }
{ latency: "exit 3", max: 100ms }`);
  const { gate } = await rig.json(0, 'run', 'm');
  const found = gate.checks.slice(1).map(({ verdict, observed }: Document) => [verdict, observed]);
  expect(found).toEqual([
    ['pass', expect.any(Number)],
    ['fail', 300],
    ['pass', 2],
    ['fail', null],
    ['fail', null],
  ]);
  expect(rig.read('ran.txt')).toBe('run\n'.repeat(4));
});

it('requires that the latest other runs succeeded, under a profile if one is named', async () => {
  using rig = gated('auc >= 0.1\n{ prior_successes: 2 }');
  const last = async (value: number) => {
    rig.write(auc(value));
    return checksOf(await rig.json(0, 'run', 'm')).at(-1);
  };
  expect(await last(0.7)).toEqual(['prior successes >= 2', 'fail']);
  expect(await last(0.71)).toEqual(['prior successes >= 2', 'fail']);
  expect(await last(0.72)).toEqual(['prior successes >= 2', 'pass']);
  // the first version was refused for want of others before it: there are others now
  await rig.json(0, 'promote', 'm@1', '--reason', 'two more have succeeded since');
  rig.remove('source.json');
  await rig.refit('run', 'm');
  rig.write({
    'pipelines/m.yaml': rig.read('pipelines/m.yaml').replace('cp source.json', 'test -e missing; cp source.json'),
  });
  rig.write(auc(0.73));
  await rig.json(1, 'run', 'm');
  await rig.json(5, 'promote', 'm@2', '--reason', 'the last run failed');
});

it('refuses a first version that passes only a smoke test', async () => {
  using rig = gated('{ smoke: "true" }');
  const refused = await rig.json(5, 'promote', await firstOf(rig), '--reason', 'first');
  expect(refused.gate.checks.at(-1)).toMatchObject({ name: 'first version', verdict: 'fail' });
  rig.write(yaml('{ smoke: "true" }', '  first: accept\n'));
  await rig.json(0, 'promote', 'm@1', '--reason', 'accepted');
});

async function firstOf(rig: Rig): Promise<string> {
  return (await rig.json(0, 'run', 'm')).model_version;
}
