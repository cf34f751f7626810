import { expect, it } from 'vitest';
import { createRig, type Document } from '../support/rig.js';

const pipeline = (steps: string, rest = ''): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': `pipeline: p\n${rest}steps:\n${steps}\n`,
});

const NASTY = [
  'two words',
  `it's "quoted"`,
  '$(touch pwned) `touch pwned`',
  'line one\nline two\n',
  '; touch pwned',
  '*',
  '',
  '-n',
  'ünï\\n$HOME',
];

it('passes any param to a script as one word, and never executes it', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
params: ${JSON.stringify(Object.fromEntries(NASTY.map((text, i) => [`p${i}`, text])))}
steps:
  a:
    run: node argv.mjs ${NASTY.map((_, i) => `\${{ params.p${i} }}`).join(' ')} --joined=\${{ params.p0 }}
    inputs: [argv.mjs]
    outputs: [argv.json]
`,
    'argv.mjs':
      "import { writeFileSync } from 'node:fs'; writeFileSync('argv.json', JSON.stringify(process.argv.slice(2)));",
  });
  await rig.json(0, 'run', 'p');
  expect(JSON.parse(rig.read('argv.json'))).toEqual([...NASTY, '--joined=two words']);
  expect(rig.has('pwned')).toBe(false);
});

it('passes paths with spaces, quotes, dollars and newlines as single words', async () => {
  const input = `in dir/it's $(touch pwned).txt`;
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
datasets: { d: { path: "data set/*.csv" } }
steps:
  a:
    run: cat \${{ inputs[0] }} \${{ datasets.d }} > \${{ outputs[0] }}; cp \${{ outputs[0] }} \${{ outputs.copy }}; cp \${{ outputs[0] }} \${{ outputs.lines }}
    inputs: [${JSON.stringify(input)}, "\${{ datasets.d }}"]
    outputs: { first: "out dir/$HOME 'x'.txt", copy: "out dir/a;b.txt", lines: "two\\nlines.txt" }
`,
    [input]: 'in\n',
    'data set/one two.csv': '1\n',
    'data set/$x.csv': 'x\n',
  });
  await rig.json(0, 'run', 'p');
  expect(rig.read('out dir/a;b.txt')).toBe('in\nx\n1\n');
  expect(rig.read("out dir/$HOME 'x'.txt")).toBe('in\nx\n1\n');
  expect(rig.read('two\nlines.txt')).toBe('in\nx\n1\n');
  expect(rig.has('pwned')).toBe(false);
});

it('runs a list without a shell, each entry one word', async () => {
  using rig = createRig({
    ...pipeline(
      `  a:
    run: [node, argv.mjs, "$HOME", "*", "a b", ";", "\${{ params.text }}", "x=\${{ params.text }}", "$(id)", 7, ""]
    inputs: [argv.mjs]
    outputs: [argv.json]`,
      'params: { text: "two  $words" }\n',
    ),
    'argv.mjs':
      "import { writeFileSync } from 'node:fs'; writeFileSync('argv.json', JSON.stringify(process.argv.slice(2)));",
  });
  await rig.json(0, 'run', 'p');
  const words = ['$HOME', '*', 'a b', ';', 'two  $words', 'x=two  $words', '$(id)', '7', ''];
  expect(JSON.parse(rig.read('argv.json'))).toEqual(words);
});

it('runs a script in one shell: variables and cd survive its lines, an unset name fails it', async () => {
  using rig = createRig(
    pipeline(`  a:
    run: |
      name=kept
      mkdir -p sub
      cd sub
      f() { echo "$name in $(basename "$PWD")"; }
      f > ../a.txt
      cat <<END >> ../a.txt
      here: $name
      END
    inputs: []
    outputs: [a.txt]
  unset: { run: "echo $NOT_SET_ANYWHERE; echo made > u.txt", inputs: [], outputs: [u.txt] }`),
  );
  const ended = await rig.refit('run', 'p', '--keep-going', '--json');
  expect(rig.read('a.txt')).toBe('kept in sub\nhere: kept\n');
  expect(ended.exit).toBe(1);
  expect(
    JSON.parse(ended.stdout)
      .run.steps.map((step: Document) => [step.name, step.status])
      .sort(),
  ).toEqual([
    ['a', 'succeeded'],
    ['unset', 'failed'],
  ]);
});

it('tells a step its run, name, attempt, params and metrics file in REFIT_*', async () => {
  using rig = createRig({
    ...pipeline(
      `  a:
    matrix: { fold: [1] }
    run: node step.mjs \${{ params.used }} \${{ outputs[0] }}
    inputs: [step.mjs]
    outputs: ["env-\${{ matrix.fold }}.json"]
    params: [declared]
    retries: { count: 1, delay: 1ms }`,
      'params: { used: 1, declared: [1, { deep: true }], other: 3 }\n',
    ),
    'step.mjs': `import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
const { REFIT_ATTEMPT, REFIT_METRICS, REFIT_PARAMS, ...env } = process.env;
const attempt = Number(REFIT_ATTEMPT);
for (const step of [1, 2]) appendFileSync(REFIT_METRICS, JSON.stringify({ step, loss: attempt / step }) + '\\n');
if (attempt === 1) process.exit(1);
appendFileSync(REFIT_METRICS, JSON.stringify({ auc: 0.75 }) + '\\n');
const params = JSON.parse(readFileSync(REFIT_PARAMS, 'utf8'));
writeFileSync(process.argv[3], JSON.stringify({ run: env.REFIT_RUN_ID, step: env.REFIT_STEP, attempt, params, cwd: process.cwd() }));`,
  });
  const { run, metrics } = await rig.json(0, 'run', 'p');
  expect(JSON.parse(rig.read('env-1.json'))).toEqual({
    run: run.id,
    step: 'a@fold=1',
    attempt: 2,
    params: { used: 1, declared: [1, { deep: true }] },
    cwd: rig.root,
  });
  expect(metrics).toMatchObject({ auc: 0.75, loss: 1 });
  expect(
    rig.query("SELECT m.step, m.value FROM metric m JOIN metric_key k ON k.id = m.key WHERE k.key = 'loss' ORDER BY 1"),
  ).toEqual([
    { step: 1, value: 2 },
    { step: 2, value: 1 },
  ]);
});

const SECRET = 's3cret-$&-value';

it('gives secrets only to steps that declare them, and writes them to no log, output or row', async () => {
  using rig = createRig(
    pipeline(`  with:
    run: |
      printf 'token=%s\\n' "$TOKEN"; printf '%s' "$TOKEN$TOKEN" >&2; echo
      printf '%s' "$TOKEN" | wc -c > with.txt
    inputs: []
    outputs: [with.txt]
    secrets: [TOKEN]
  without: { run: "echo \${TOKEN-not here} > without.txt; env > env.txt", inputs: [], outputs: [without.txt] }
  fails: { run: "echo $TOKEN; exit 3", inputs: [], outputs: [], secrets: [TOKEN] }`),
    { TOKEN: SECRET },
  );
  const ended = await rig.refit('run', 'p', '--keep-going', '--verbose', '--json');
  expect(ended.exit).toBe(1);
  expect(rig.read('with.txt').trim()).toBe(String(SECRET.length));
  expect(rig.read('without.txt')).toBe('not here\n');
  expect(rig.read('env.txt')).not.toContain(SECRET);
  const { run } = JSON.parse(ended.stdout);
  expect(rig.read(`.refit/logs/${run.id}/with.1.log`)).toMatch(/^token=\*\*\*$/m);
  expect(ended.stdout + ended.stderr).toContain('***');
  expect(ended.stdout + ended.stderr).not.toContain(SECRET);
  for (const path of rig.files('.refit')) expect(rig.read(path).includes(SECRET), path).toBe(false);
});

it('secrets of a step that prepares data for a check are masked in its log and in what is said of it', async () => {
  const rows = `x\n${Array.from({ length: 300 }, (_, i) => (i * 37) % 101).join('\n')}\n`;
  using rig = createRig(
    {
      ...pipeline(
        `  prepare:
    run: sh prepare.sh \${{ datasets.d }} > \${{ outputs[0] }}
    inputs: [prepare.sh, "\${{ datasets.d }}"]
    outputs: [work/rows.csv]
    secrets: [TOKEN]
`,
        'datasets: { d: { path: data/*.csv } }\n',
      ),
      'prepare.sh': 'echo "token=$TOKEN" >&2; cat "$1"',
      'data/d.csv': rows,
    },
    { TOKEN: SECRET },
  );
  rig.write({
    'pipelines/p.yaml': `${rig.read('pipelines/p.yaml')}monitor: { reference: work/rows.csv, current: { dataset: d, prepare: prepare } }\n`,
  });
  await rig.json(0, 'run', 'p');
  await rig.json(0, 'check-drift', 'p');
  expect(rig.read('.refit/logs/scratch/prepare.log')).toBe('token=***\n');
  rig.write({ 'prepare.sh': 'echo "token=$TOKEN" >&2; exit 3' });
  const failed = await rig.refit('check-drift', 'p');
  expect(failed.exit).toBe(1);
  expect(failed.stderr).toContain('token=***');
  for (const said of [failed.stdout, failed.stderr, rig.read('.refit/logs/scratch/prepare.log')])
    expect(said).not.toContain(SECRET);
});

it('secrets of several lines are masked line by line, as tools print them', async () => {
  const lines = ['-----BEGIN KEY-----', 'abcdefghijkl', 'mnopqrstuvwx', '-----END KEY-----'];
  using rig = createRig(
    pipeline('  a: { run: \'printf "%s\\n" "$KEY" | sed "s/^/| /"\', inputs: [], outputs: [], secrets: [KEY] }'),
    { KEY: lines.join('\n') },
  );
  const { run } = await rig.json(0, 'run', 'p');
  expect(rig.read(`.refit/logs/${run.id}/a.1.log`)).toBe('| ***\n'.repeat(4));
});

it('keeps a step fresh when a secret changes', async () => {
  const env: Record<string, string> = { TOKEN: 'secret-one' };
  using rig = createRig(pipeline('  a: { run: echo 1 > m.txt, inputs: [], outputs: [m.txt], secrets: [TOKEN] }'), env);
  await rig.json(0, 'run', 'p');
  env.TOKEN = 'secret-two';
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('skip');
});

it('keeps secrets from evaluate and smoke, which cannot declare them', async () => {
  using rig = createRig(
    pipeline(
      '  a: { run: echo 1 > m.txt, inputs: [], outputs: [m.txt], secrets: [TOKEN] }',
      `model:
  path: m.txt
  evaluate: { run: "echo \${TOKEN-not here} >> seen.txt; echo '{\\"auc\\": 1}' > \${{ evaluation.path }}", inputs: [] }
  gate: [auc >= 0.5, { smoke: "echo \${TOKEN-not here} >> seen.txt" }]
`,
    ),
    { TOKEN: SECRET },
  );
  await rig.json(0, 'run', 'p');
  expect(rig.read('seen.txt')).toBe('not here\nnot here\n');
});

it('inherits the whole environment, and includes only the declared part in the fingerprint', async () => {
  const env: Record<string, string> = { UNDECLARED: 'one', DECLARED: 'one' };
  using rig = createRig(
    pipeline(
      '  a: { run: "echo $UNDECLARED $DECLARED $FIXED > a.txt", inputs: [], outputs: [a.txt], env: { FIXED: 4, DECLARED: { from: DECLARED } } }',
    ),
    env,
  );
  await rig.json(0, 'run', 'p');
  expect(rig.read('a.txt')).toBe('one one 4\n');
  env.UNDECLARED = 'two';
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('skip');
  env.DECLARED = 'two';
  expect((await rig.json(0, 'plan', 'p')).steps[0]).toMatchObject({
    action: 'run',
    reasons: [{ code: 'env-changed' }],
  });
});

it('records a series of 200,000 points whole', async () => {
  using rig = createRig({
    'series.cjs':
      'console.log(Array.from({ length: 200_000 }, (_, step) => JSON.stringify({ step, loss: 1 / (step + 1) })).join("\\n"));',
    'pipelines/p.yaml':
      'pipeline: p\nsteps:\n  a: { run: "node series.cjs > m.jsonl", inputs: [series.cjs], metrics: m.jsonl }\n',
  });
  const { metrics } = await rig.json(0, 'run', 'p');
  expect(metrics.loss).toBe(1 / 200_000);
  const [counted] = rig.query('SELECT count(*) AS points FROM metric');
  expect(counted).toEqual({ points: 200_000 });
});
