import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { createRig, type Document, type Rig } from '../../support/rig.js';

const ROWS = `id,date,amount,visits,label\n${Array.from({ length: 300 }, (_, i) => `${i},2026-01-${String(1 + (i % 28)).padStart(2, '0')},${(i * 7) % 50},${i % 9},${i % 2}`).join('\n')}\n`;

/** Trains without packages, as a script with scikit-learn would: reads a table, writes a model and its metrics. */
const TRAIN = `import csv, json, pickle
class Mean:
    def fit(self, rows): self.mean = sum(float(r["amount"]) for r in rows) / len(rows); return self
with open("customers.csv") as file:
    rows = list(csv.DictReader(file))
model = Mean().fit(rows)
with open("model.pkl", "wb") as file:
    pickle.dump(model.mean, file)
json.dump({"mae": sum(abs(float(r["amount"]) - model.mean) for r in rows) / len(rows)}, open("metrics.json", "w"))
`;

const init = async (rig: Rig, ...args: readonly string[]): Promise<Document> => {
  const document = await rig.json(0, 'init', '--name', 'p', ...args);
  const valid = await rig.refit('validate');
  expect({ exit: valid.exit, errors: valid.stderr.includes(' error ') }).toEqual({ exit: 0, errors: false });
  return document;
};

const written = (rig: Rig): Document => parse(rig.read('pipelines/p.yaml'));

it('writes a pipeline for a script and its table that runs, is promoted and watched at once', async () => {
  using rig = createRig({ 'train.py': TRAIN, 'customers.csv': ROWS, 'requirements.txt': 'numpy\n' });
  const { files, fill_in, decided } = await init(rig);
  expect(files).toEqual(['pipelines/p.yaml', '.gitignore']);
  expect(fill_in).toEqual([]);
  expect(decided.join('\n')).toContain('train.py reads customers.csv and writes model.pkl, metrics.json');
  expect(written(rig)).toMatchObject({
    datasets: { customers: { path: 'customers.csv' } },
    steps: {
      train: {
        run: 'python3 train.py',
        inputs: ['train.py', 'requirements.txt', '${{ datasets.customers }}'],
        outputs: { model: 'model.pkl' },
        metrics: 'metrics.json',
      },
    },
    model: { path: 'model.pkl', publish: { path: 'serving/p' } },
    monitor: { ignore: ['id', 'date'] },
  });
  expect(rig.has('model.pkl')).toBe(false);
  expect((await rig.refit('run', 'p')).stdout).toContain('scored mae');
  await rig.json(0, 'promote', 'p@1', '--reason', 'first');
  expect(rig.has('serving/p/current/model.pkl')).toBe(true);
  expect((await rig.json(0, 'check-drift', 'p')).verdict).toBe('stable');
  expect((await rig.refit('retrain', 'p')).stdout).toContain('wait: no trigger fired');
  expect((await rig.refit('plan', 'p')).stdout).not.toContain('lock file');
});

it('writes steps in order for scripts that prepare, train and evaluate, with defaults of arguments and constants', async () => {
  using rig = createRig({
    'scripts/01_prepare.py': `import argparse
from pathlib import Path
import pandas as pd
parser = argparse.ArgumentParser()
parser.add_argument("--raw-data", "-r", default="data/raw.csv")
args = parser.parse_args()
OUT = Path("work") / "clean"
# pd.read_csv("data/old.csv")
pd.read_csv(args.raw_data).dropna().to_csv(OUT / "train.csv", index=False)
`,
    'scripts/02_train.py': `import joblib, os
import pandas as pd
from common import FOLDER
def main(source="work/clean/train.csv"):
    frame = pd.read_csv(source)
    model = make().fit(frame)
    joblib.dump(model, os.path.join("models", "model.joblib"))
if __name__ == "__main__":
    main()
`,
    'scripts/common.py': 'FOLDER = "work"\n',
    'scripts/03_evaluate.py': `import json, joblib
model = joblib.load("models/model.joblib")
with open("reports/metrics.json", mode="w") as f:
    json.dump({"auc": 0.7}, f)
plt.savefig("reports/roc.png")
`,
    'data/raw.csv': ROWS,
    'data/old.csv': ROWS,
    'app.py': 'import joblib\nmodel = joblib.load("models/model.joblib")\n',
    'tests/test_train.py': 'open("x.txt", "w")\n',
  });
  const { left_out } = await init(rig);
  const { steps, model, datasets } = written(rig);
  expect(Object.keys(steps)).toEqual(['rows', 'prepare', 'train', 'evaluate']);
  expect(steps.prepare).toMatchObject({ role: 'prepare', outputs: ['work/clean/train.csv'] });
  expect(steps.prepare.inputs).toEqual(['scripts/01_prepare.py', '${{ datasets.raw }}']);
  expect(steps.train).toMatchObject({
    run: 'python3 scripts/02_train.py',
    inputs: ['scripts/02_train.py', 'scripts/common.py', 'work/clean/train.csv'],
    outputs: { model: 'models/model.joblib' },
  });
  expect(steps.evaluate).toMatchObject({ metrics: 'reports/metrics.json', outputs: ['reports/roc.png'] });
  expect(steps.evaluate.inputs).toContain('models/model.joblib');
  expect([model.path, datasets.raw.path]).toEqual(['models/model.joblib', 'data/raw.csv']);
  expect(left_out.map((one: Document) => one.path).sort()).toEqual(['app.py', 'scripts/common.py']);
  const plan = await rig.json(0, 'plan', 'p');
  expect(plan.steps.map((one: Document) => one.name)).toEqual(['rows', 'prepare', 'train', 'evaluate']);
});

it('runs a package in the src layout as a module, in the virtual environment beside it', async () => {
  using rig = createRig({
    'pyproject.toml': '[project]\nname = "churn"\n',
    'uv.lock': '',
    'src/churn/__init__.py': '',
    'src/churn/features.py': 'import csv\ndef load():\n    return list(csv.DictReader(open("data/customers.csv")))\n',
    'src/churn/train.py': `import pickle
from .features import load
if __name__ == "__main__":
    rows = load()
    with open("work/model.pkl", "wb") as f:
        pickle.dump(len(rows), f)
`,
    'data/customers.csv': ROWS,
  });
  spawnSync('python3', ['-m', 'venv', '--without-pip', '.venv'], { cwd: rig.root });
  await init(rig);
  expect(written(rig)).toMatchObject({
    python: '.venv',
    steps: {
      train: {
        run: 'python3 -m churn.train',
        env: { PYTHONPATH: 'src' },
        inputs: ['src/churn', '${{ datasets.customers }}'],
        outputs: { model: 'work/model.pkl' },
      },
    },
  });
  await rig.json(0, 'run', 'p');
  expect(rig.has('work/model.pkl')).toBe(true);
});

it('names the conda environment of environment.yml if it is here, and says how to make it if not', async () => {
  const env = { HOME: '/nonexistent', CONDA_EXE: undefined as string | undefined };
  using rig = createRig(
    { 'environment.yml': 'name: churn\ndependencies: [scikit-learn]\n', 'train.py': TRAIN, 'customers.csv': ROWS },
    env,
  );
  const { fill_in } = await init(rig);
  expect(fill_in).toEqual([expect.stringContaining('conda environment churn')]);
  expect(rig.read('pipelines/p.yaml')).toContain('# conda: churn   # once it exists: conda env create -n churn');
  expect(written(rig).steps.train.inputs).toContain('environment.yml');
  rig.remove('pipelines/p.yaml');
  rig.write({ 'home/miniconda3/envs/churn/conda-meta/history': '' });
  env.HOME = join(rig.root, 'home');
  await init(rig);
  expect(written(rig).conda).toBe('churn');
});

it('writes a pipeline for R scripts with renv', async () => {
  using rig = createRig({
    'renv.lock': '{}',
    DESCRIPTION: 'Package: churn\n',
    'R/functions.R': 'prepare <- function(x) x\n',
    'train.R': `library(jsonlite)
source("R/functions.R")
path <- "data/customers.csv"
rows <- read.csv(path)
model <- lm(amount ~ visits, data = rows)
saveRDS(model, "work/model.rds")
write_json(list(r2 = summary(model)$r.squared), "work/metrics.json", auto_unbox = TRUE)
png("work/fit.png"); plot(model); dev.off()
`,
    'data/customers.csv': ROWS,
  });
  await init(rig);
  expect(written(rig).steps.train).toEqual({
    role: 'train',
    run: 'Rscript train.R',
    inputs: ['train.R', 'R/functions.R', 'renv.lock', '${{ datasets.customers }}'],
    outputs: { model: 'work/model.rds', fit: 'work/fit.png' },
    metrics: 'work/metrics.json',
  });
  expect((await rig.refit('plan', 'p')).stdout).not.toContain('lock file');
});

it('reads names of Python that are words of JavaScript', async () => {
  const train = TRAIN.replace('open("customers.csv")', 'open(let)').replace(
    'open("model.pkl", "wb")',
    'open(var, "wb")',
  );
  using rig = createRig({ 'train.py': `let = "customers.csv"\nvar = "model.pkl"\n${train}`, 'customers.csv': ROWS });
  await init(rig);
  expect(written(rig)).toMatchObject({
    datasets: { customers: { path: 'customers.csv' } },
    model: { path: 'model.pkl' },
  });
});

it('writes a pipeline for scripts of Node, that runs', async () => {
  using rig = createRig({
    'package.json': '{ "type": "module", "scripts": { "train": "node src/train.js" } }',
    'package-lock.json': '{}',
    'eslint.config.js': 'export default [];\n',
    'src/prepare.mjs': `import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
const OUT = join('work', 'rows.csv'); // it's for train.js
mkdirSync('work', { recursive: true });
writeFileSync(OUT, readFileSync('customers.csv', 'utf8'));
`,
    'src/lib/mean.js':
      "import { readFileSync } from 'node:fs';\nexport const mean = (text) => text.length;\nexport const LIMITS = JSON.parse(readFileSync(`limits.json`, 'utf8'));\n",
    'src/train.js': `import { readFileSync, writeFileSync } from 'node:fs';
import { LIMITS, mean } from './lib/mean.js';
/* writeFileSync('no.txt') */
let source = "work/rows.csv"; export const target = 'model.json';
const n = mean(readFileSync(source, 'utf8'));
writeFileSync(target, JSON.stringify({ n, LIMITS })); writeFileSync('metrics.json', JSON.stringify({ n }));
`,
    'limits.json': '{}',
    'customers.csv': ROWS,
  });
  await init(rig);
  expect(written(rig)).toMatchObject({
    steps: {
      prepare: { run: 'node src/prepare.mjs', outputs: ['work/rows.csv'] },
      train: {
        run: 'node src/train.js',
        inputs: ['src/train.js', 'src/lib/mean.js', 'package-lock.json', 'work/rows.csv', 'limits.json'],
        outputs: { model: 'model.json' },
        metrics: 'metrics.json',
      },
    },
    model: { path: 'model.json' },
    datasets: { customers: { path: 'customers.csv' } },
  });
  expect(Object.keys(written(rig).steps)).toEqual(['rows', 'prepare', 'train']);
  expect((await rig.refit('run', 'p')).exit).toBe(0);
});

it('takes JavaScript beside scripts of another language for a part of a web page', async () => {
  using rig = createRig({ 'train.py': TRAIN, 'customers.csv': ROWS, 'app.js': "fetch('/model').then(show);\n" });
  await init(rig);
  expect(Object.keys(written(rig).steps)).toEqual(['rows', 'train']);
});

it('writes an example where scripts make nothing, and says that options about scripts are of no use then', async () => {
  using rig = createRig({ 'package.json': '{}', 'app.js': "fetch('/model').then(show);\n", 'page.js': 'show();\n' });
  for (const [args, said] of [
    [['--name', 'p'], '--name is for a folder with scripts or notebooks, and none was found here'],
    [['--template', 'r', '--data', 'x.csv'], '--data is for a folder with scripts; the example "r" has its own'],
  ] as const) {
    const { exit, stderr } = await rig.refit('init', ...args);
    expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringContaining(said) });
  }
  expect(rig.has('pipelines')).toBe(false);
  expect((await rig.refit('init')).stdout).toContain('wrote pipelines/hello.yaml');
});

it('executes a notebook where there is no script', async () => {
  const cell = (source: string | readonly string[]) => ({ cell_type: 'code', source, outputs: [], metadata: {} });
  using rig = createRig({
    'notebooks/model.ipynb': JSON.stringify({
      cells: [
        { cell_type: 'markdown', source: 'open("no.txt", "w")' },
        cell([
          '%matplotlib inline\n',
          '!pip install x\n',
          'import pandas as pd, joblib\n',
          'df = pd.read_csv("../data/customers.csv")',
        ]),
        cell('model = fit(df)\njoblib.dump(model, "../work/model.joblib")'),
      ],
    }),
    'data/customers.csv': ROWS,
  });
  await init(rig);
  expect(written(rig).steps.model).toMatchObject({
    run: 'jupyter nbconvert --to notebook --execute --output-dir work/model notebooks/model.ipynb',
    inputs: ['notebooks/model.ipynb', '${{ datasets.customers }}'],
    outputs: { model: 'work/model.joblib' },
  });
  expect(rig.read('pipelines/p.yaml')).toContain('papermill');
});

it('says what it cannot declare: paths elsewhere, addresses, appends, rewritten data, two writers, arguments', async () => {
  using rig = createRig({
    'train.py': `import pandas as pd, joblib, sys
df = pd.read_csv("https://example.org/data.csv")
df = pd.read_csv("/srv/data/customers.csv")
df = pd.read_csv("later.csv")
df.to_csv(f"work/{sys.argv[1]}.csv")
own = pd.read_csv("data.csv"); own.to_csv("data.csv")
model.fit(df)
joblib.dump(model, "../elsewhere/model.pkl")
open("log.txt", "a").write("done")
`,
    'other.py': 'import joblib\njoblib.dump(1, "work/shared.pkl")\n',
    'third.py': 'import joblib\njoblib.dump(2, "work/shared.pkl")\n',
    'data.csv': ROWS,
  });
  const { fill_in } = await init(rig);
  const text = fill_in.join('\n');
  for (const part of [
    'train.py reads https://example.org/data.csv: refit does not see',
    'train.py reads /srv/data/customers.csv, outside of this folder',
    'train.py writes ../elsewhere/model.pkl, outside of this folder',
    'train.py reads later.csv, which is not here',
    'train.py rewrites data.csv, which it reads',
    'train.py appends to log.txt',
    'train.py reads its arguments',
    'train.py writes a file whose name is made while it runs',
    'third.py writes work/shared.pkl, and so does other.py',
  ])
    expect(text).toContain(part);
});

it('finds data of its own folder, globs, sourced parts and a cycle', async () => {
  using rig = createRig({
    'jobs/train.py': `from pathlib import Path
import glob, pickle
HERE = Path(__file__).resolve().parent
files = glob.glob(str(HERE / ".." / "data" / "*.csv"))
pickle.dump(len(files), open(HERE / "out.pkl", "wb"))
model.fit(1)
open("b.txt").read()
open("a.txt", "w")
`,
    'jobs/again.py': 'open("a.txt").read()\nopen("b.txt", "w").write("")\n',
    'data/1.csv': ROWS,
    'data/2.csv': ROWS,
  });
  const { fill_in } = await init(rig);
  const { datasets, steps } = written(rig);
  expect(datasets.data.path).toBe('data/*.csv');
  expect(steps.train.outputs).toMatchObject({ model: 'jobs/out.pkl' });
  expect(fill_in.join('\n')).toContain('read what the other one writes');
  expect((await rig.refit('run', 'p', '--only', 'rows')).exit).toBe(0);
});

it('stays safe among hostile names, pipes, huge and binary files, links and broken notebooks', async () => {
  using rig = createRig({
    'train.py': TRAIN,
    'customers.csv': ROWS,
    'bad.ipynb': '{"cells": 5}',
    'worse.ipynb': '[[[',
  });
  const mark = join(rig.root, 'mark');
  const at = (name: string): string => join(rig.root, name);
  for (const name of [`$(touch mark).py`, `'; touch mark; '.py`, 'a\nb.py', '${{ params.x }}.csv', '-rf.py', '*.csv'])
    writeFileSync(at(name), `open("x", "w")\n`);
  spawnSync('mkfifo', [at('pipe.py'), at('pipe.csv')]);
  writeFileSync(at('binary.py'), Buffer.from([0x7f, 0x45, 0, 0, 1, 2, 255]));
  writeFileSync(at('huge.py'), '('.repeat(300_000));
  writeFileSync(at('deep.py'), `${'open(str('.repeat(20_000)}\n`);
  writeFileSync(
    at('quotes.py'),
    `open("a'; touch mark; '.txt", "w")\nopen("\${{ params.x }}", "w")\nopen("b\\nc.txt", "w")\n`,
  );
  symlinkSync('/etc', at('outside'));
  symlinkSync('/etc/passwd', at('passwd.csv'));
  mkdirSync(at('loop'));
  symlinkSync('..', at('loop/up'));
  const started = Date.now();
  const { left_out } = await init(rig);
  expect(Date.now() - started).toBeLessThan(20_000);
  const why = new Map(left_out.map((one: Document) => [one.path, one.why]));
  expect(why.get('pipe.py')).toContain('a pipe');
  expect(why.get('binary.py')).toContain('no text');
  expect(why.get('huge.py')).toContain('too large');
  expect(why.get('passwd.csv')).toContain('leads out');
  expect(why.get(`$(touch mark).py`)).toContain('misread');
  await rig.refit('run', 'p');
  expect(rig.has('mark')).toBe(false);
  expect(mark).toBeTruthy();
});

it('overwrites nothing, and takes no script twice', async () => {
  using rig = createRig({ 'train.py': TRAIN, 'customers.csv': ROWS, 'pipelines/p.yaml': 'mine\n', '.gitignore': 'x' });
  expect((await rig.refit('init', '--name', 'p')).stderr).toContain('pipelines/p.yaml exists already');
  expect(rig.read('pipelines/p.yaml')).toBe('mine\n');
  rig.remove('pipelines/p.yaml');
  await init(rig);
  expect(rig.read('.gitignore')).toBe('x\n/work/\n/serving/\n');
  const again = await rig.refit('init', '--name', 'q');
  expect(again.exit).toBe(2);
  expect(again.stderr).toContain('every script here belongs to a pipeline already');
});

it('refuses a name, a script and a table that cannot be, and takes the flags of all questions', async () => {
  using rig = createRig({
    'a/train.py': TRAIN,
    'b/train.py': TRAIN.replace('model.pkl', 'other.pkl').replace('metrics.json', 'm.json'),
    'customers.csv': ROWS,
    'more.csv': ROWS,
  });
  expect((await rig.refit('init', '--name', 'a b')).stderr).toContain('cannot be the name');
  expect((await rig.refit('init', '--train', 'c.py')).stderr).toContain('a/train.py');
  expect((await rig.refit('init', '--data', 'none.csv')).stderr).toContain('more.csv');
  await init(rig, '--train', 'b/train.py', '--data', 'more.csv');
  expect(written(rig)).toMatchObject({ model: { path: 'other.pkl' }, datasets: { more: { path: 'more.csv' } } });
});
