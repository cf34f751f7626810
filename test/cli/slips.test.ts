import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

const PIPELINE = `pipeline: sales
steps:
  extract: { run: "echo 1 > rows.csv", inputs: [], outputs: [rows.csv] }
  train: { run: "cp rows.csv model.txt", inputs: [rows.csv], outputs: [model.txt] }
model: { name: price, path: model.txt }
`;

/** The last line of stderr: what to do next. */
const nextOf = (stderr: string): string => stderr.trimEnd().split('\n').at(-1) ?? '';

it.each([
  ['drift', 'refit check-drift sales'],
  ['list', 'refit runs'],
  ['deploy', 'refit promote <model@version> --reason "why"'],
  ['log', 'refit logs latest'],
  ['stats', 'did you mean: refit status'],
  ['retrian sales', 'did you mean: refit retrain sales'],
  ['sales', 'refit run sales, or refit status sales'],
  ['pipelines/sales.yaml', 'refit run pipelines/sales.yaml'],
  ['new.csv', 'refit check-data new.csv'],
  ['--json status', 'refit status --json'],
  ['-v', 'refit --version'],
  ['check-drift a.csv b.csv', 'refit check-drift --reference a.csv --current b.csv'],
  ['init --template pythn', 'did you mean python?'],
  ['run sales train', 'refit run sales --only train'],
  ['run sales -v', 'write --verbose instead of -v'],
  ['run sales --jbos 2', 'did you mean --jobs?'],
  ['run sales -p x=1', 'write --param instead of -p'],
  ['status --format=json', 'write --json instead of --format'],
  ['promote price', 'refit promote price@<version> --reason "why"; refit models price lists the versions'],
  ['promote price --reason x', 'refit promote price@<version> --reason "why"'],
  ['promote price 3', 'refit promote price@3 --reason "why"'],
  ['promote price@3', 'refit promote price@3 --reason "why"'],
  ['promote', 'such as: refit promote flights-delay@3'],
  ['promote --reason price', 'such as: refit promote flights-delay@3'],
  ['run', 'write: refit run sales'],
  ['run --jobs 2', 'write: refit run --jobs 2 sales'],
  ['retrain', 'write refit retrain sales, or refit retrain --all'],
  ['event sales --name storm', 'write: refit event sales --name storm --from <time> --until <time>'],
  ['trigger sales', 'write: refit trigger sales --event <name> --id <key>'],
  ['pause', 'write: refit pause sales --reason "why"'],
  ['resolve f1', 'write: refit resolve f1 --as <bug|normal> --reason "why"'],
  ['helper', 'write: refit helper --print <python|r>'],
  ['compare', 'such as: refit compare main'],
  ['rollback price 3 --reason x', 'refit rollback price --to 3 --reason "why"'],
  ['note price too many words', 'refit note price "too many words"'],
  ['resolve f1 normal', 'refit resolve f1 --as normal --reason "why"'],
  ['diff latest', 'refit diff @champion latest'],
  ['registry copy.db', 'refit registry backup copy.db'],
] as const)('answers the command line "%s" with the line to type', async (line, next) => {
  using rig = createRig({ 'pipelines/sales.yaml': PIPELINE });
  const { exit, stderr } = await rig.refit(...line.split(' '));
  expect(exit).toBe(2);
  expect(nextOf(stderr)).toContain(next);
});

it('explains a name that is something else than the command takes', async () => {
  using rig = createRig({ 'pipelines/sales.yaml': PIPELINE });
  const { run } = await rig.json(0, 'run', 'sales');
  for (const [line, next] of [
    ['run train', 'refit run sales --only train'],
    ['run train.yaml', 'refit run sales --only train'],
    ['run price', 'its pipeline is sales: refit run sales'],
    ['run price@1', 'is a version: refit why price@1'],
    ['run sals', 'did you mean "sales"? refit run sales'],
    [`status ${run.id}`, `is a run: refit show ${run.id}`],
    ['show sales', 'refit runs sales, or refit show latest'],
    ['show price', 'is a model: refit why price'],
    ['logs train', 'refit logs latest train'],
    ['served sales', 'its model is price: refit served price'],
    ['served price@1', 'refit served price'],
    ['rollback price@1 --reason x', 'refit rollback price --to 1 --reason "why"'],
    ['promote price@9 --reason x', 'refit models price lists the versions'],
    ['models prise', 'did you mean "price"?'],
    ['run -- --help', 'refit run --help'],
    ['status -- -weird', 'no name begins with "-"'],
    ['run rows.csv', 'is a data file: refit check-data rows.csv'],
    ['why row.csv', 'there is no file "row.csv"; did you mean "rows.csv"?'],
    ['impact none/row.csv', 'there is no file "none/row.csv"'],
    ['promote', 'write: refit promote price@1 --reason "why"'],
    ['run sales --only trian', 'did you mean "train"?'],
  ] as const) {
    const { exit, stderr } = await rig.refit(...line.split(' '));
    expect({ line, exit }).toEqual({ line, exit: 2 });
    expect(nextOf(stderr)).toContain(next);
  }
}, 300_000);

it('offers no pipeline that has runs only, and says so', async () => {
  using rig = createRig({ 'pipelines/sales.yaml': PIPELINE });
  expect((await rig.refit('track', '--no-trace', '--name', 'tried', '--', 'true')).exit).toBe(0);
  expect(nextOf((await rig.refit('plan')).stderr)).toBe('  → write: refit plan sales');
  expect(nextOf((await rig.refit('status', 'tried')).stderr)).toContain(
    '"tried" has runs, and no file in pipelines/: refit runs tried',
  );
});

it('lists the names of the workspace where several may be meant', async () => {
  using rig = createRig({ 'pipelines/sales.yaml': PIPELINE, 'pipelines/costs.yaml': 'pipeline: costs\nsteps: {}\n' });
  const { stderr } = await rig.refit('plan');
  expect(nextOf(stderr)).toBe('  → write: refit plan <pipeline>; there are: costs, sales');
});

it('reads "latest", "model@latest" and "@champion" wherever a run or a version is taken', async () => {
  using rig = createRig({ 'pipelines/sales.yaml': PIPELINE });
  const first = (await rig.json(0, 'run', 'sales')).run.id;
  rig.write({ 'pipelines/sales.yaml': PIPELINE.replace('echo 1', 'echo 2') });
  const second = (await rig.json(0, 'run', 'sales')).run.id;
  await rig.json(0, 'promote', 'price@1', '--reason', 'r');
  for (const command of ['show', 'why']) expect((await rig.json(0, command, 'latest')).run.id).toBe(second);
  expect((await rig.json(0, 'why', '@champion')).run.id).toBe(first);
  expect((await rig.json(0, 'why', 'price@latest')).run.id).toBe(second);
  for (const line of [
    'diff @champion latest',
    'diff price@latest latest',
    'lineage latest',
    'logs latest',
    'reproduce latest',
  ])
    expect({ line, exit: (await rig.refit(...line.split(' '))).exit }).toEqual({ line, exit: 0 });
}, 300_000);
