import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { isInstalled } from '../../support/required.js';
import { BIN, createRig, type Rig } from '../../support/rig.js';

const hasR = isInstalled(spawnSync('Rscript', ['--version']).status === 0, 'Rscript');

interface Language {
  readonly name: string;
  readonly file: string;
  readonly program: string;
  readonly ending: string;
  readonly load: string;
  readonly all: string;
  readonly loop: string;
}

const LANGUAGES: readonly Language[] = [
  {
    name: 'python',
    file: 'refit_helper.py',
    program: 'python3',
    ending: 'py',
    load: 'from refit_helper import *\nimport sys\n',
    all: `log_metric("trees", param("trees", 1)); log_metric("loss", 0.5, step=1); log_metric("loss", 0.25, step=2)
open("model.txt", "w").write("m")
`,
    loop: 'for i in range(400): log_prediction("logs/p.jsonl", i / 400, id=f"{sys.argv[1]}-{i}", version=2, at="2026-01-05T10:00:00Z", note="a \\"q\\" \\\\ ü\\n" * 5)\n',
  },
  {
    name: 'r',
    file: 'refit_helper.R',
    program: 'Rscript',
    ending: 'R',
    load: 'source("refit_helper.R")\n',
    all: `refit_log_metric("trees", refit_param("trees", 1)); refit_log_metric("loss", 0.5, step = 1); refit_log_metric("loss", 0.25, step = 2)
cat("m", file = "model.txt")
`,
    loop: 'who <- commandArgs(TRUE)[1]; for (i in 0:399) refit_log_prediction("logs/p.jsonl", i / 400, id = paste0(who, "-", i), version = 2, at = "2026-01-05T10:00:00Z", note = strrep("a \\"q\\" \\\\ ü\\n", 5))\n',
  },
];

const EVALUATE = {
  py: 'write_evaluation(sys.argv[1], {"auc": 0.75}, slices={"region": {"north": {"auc": 0.7, "n": 9}}}, predictions=[{"id": "a,\\"b", "label": 1, "prediction": 0.8}, {"id": "c", "label": 0, "prediction": 0.1}])\n',
  R: 'refit_write_evaluation(commandArgs(TRUE)[1], list(auc = 0.75), slices = list(region = list(north = list(auc = 0.7, n = 9))), predictions = data.frame(id = c("a,\\"b", "c"), label = 1:0, prediction = c(0.8, 0.1)))\n',
};

const PIPELINE = ({ program, ending, file }: Language): string => `pipeline: p
params: { trees: 40, word: 'q"x\\y' }
steps:
  train: { run: ${program} train.${ending}, inputs: [train.${ending}, ${file}], outputs: { model: model.txt }, params: [trees, word] }
model:
  path: model.txt
  evaluate: { run: "${program} evaluate.${ending} \${{ evaluation.path }}", inputs: [evaluate.${ending}, ${file}] }
  gate: [auc >= 0.6]
  publish: { path: serving/p }
`;

function workspace(language: Language): Rig {
  const { name, file, ending, load, all, loop } = language;
  return createRig({
    [file]: execFileSync(process.execPath, [BIN, 'helper', '--print', name], { encoding: 'utf8' }),
    'pipelines/p.yaml': PIPELINE(language),
    [`train.${ending}`]: load + all,
    [`evaluate.${ending}`]: load + EVALUATE[ending as keyof typeof EVALUATE],
    [`loop.${ending}`]: load + loop,
    'champion.py':
      'from refit_helper import champion\nc = champion("serving/p")\nprint(c.version, c.model, open(c.path).read())\n',
    'champion.R':
      'source("refit_helper.R")\nc <- refit_champion("serving/p")\ncat(c$version, c$model, readLines(c$path, warn = FALSE), "\\n")\n',
  });
}

for (const language of LANGUAGES) {
  const { name, program, ending } = language;
  const isHere = program === 'python3' || hasR;

  it.skipIf(!isHere)(
    `the file for ${name} passes params, metrics and an evaluation, and finds the champion`,
    async () => {
      using rig = workspace(language);
      const ran = await rig.refit('run', 'p');
      expect(ran.stdout).toContain('scored auc 0.75');
      const { runs } = await rig.json(0, 'metrics', 'p');
      expect(runs[0].metrics).toMatchObject({ trees: 40, loss: 0.25 });
      expect((await rig.refit('promote', 'p@1', '--reason', 'first')).stdout).toContain('gate: pass');
      const { stdout } = spawnSync(program, [`champion.${ending}`], { cwd: rig.root, encoding: 'utf8' });
      expect(stdout.trim()).toBe('1 p m');
    },
  );

  it.skipIf(!isHere)(`the file for ${name} works outside refit`, () => {
    using rig = workspace(language);
    const { status, stdout, stderr } = spawnSync(program, [`train.${ending}`], { cwd: rig.root, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ trees: 1 }, { step: 1, loss: 0.5 }, { step: 2, loss: 0.25 }]);
    const early = spawnSync(program, [`champion.${ending}`], { cwd: rig.root, encoding: 'utf8' });
    expect(early.status).not.toBe(0);
    expect(early.stderr).toContain('no version serves in serving/p');
  });

  it.skipIf(!isHere)(`two processes log predictions with the file for ${name} into one log, line by line`, async () => {
    using rig = workspace(language);
    const run = (who: string) => promisify(execFile)(program, [`loop.${ending}`, who], { cwd: rig.root });
    await Promise.all([run('one'), run('two')]);
    const lines = rig
      .read('logs/p.jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(new Set(lines.map((line) => line.id)).size).toBe(800);
    expect(lines[0]).toMatchObject({ version: 2, at: '2026-01-05T10:00:00Z', note: 'a "q" \\ ü\n'.repeat(5) });
    rig.write({
      'labels.csv': `id,label\n${lines.map((line) => `${line.id},${line.prediction > 0.5 ? 1 : 0}`).join('\n')}\n`,
    });
    const checked = await rig.refit(
      'check-performance',
      'logs/p.jsonl',
      '--labels',
      'labels.csv',
      '--key',
      'id',
      '--time',
      'at',
      '--prediction',
      'prediction',
      '--label',
      'label',
    );
    expect(`${checked.stdout}${checked.stderr}`).toContain('800 labelled predictions of 800');
  });
}

it('refuses values that no log can hold, and a time without a zone', () => {
  using rig = workspace(LANGUAGES[0] as Language);
  for (const [code, message] of [
    ['log_prediction("l", float("nan"), id=1)', 'Out of range float'],
    ['import datetime; log_prediction("l", 1, id=1, at=datetime.datetime(2026, 1, 1))', 'no time zone'],
    ['write_evaluation("e", {}, predictions=[{"label": 1}])', 'need rows with label and prediction'],
  ]) {
    const { stderr } = spawnSync('python3', ['-c', `from refit_helper import *\n${code}`], {
      cwd: rig.root,
      encoding: 'utf8',
    });
    expect(stderr).toContain(message);
  }
});
