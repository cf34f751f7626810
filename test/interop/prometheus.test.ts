import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

const PIPELINE = `
pipeline: p
steps:
  train: { run: "cp in.txt model.txt", inputs: [in.txt], outputs: [model.txt] }
model:
  name: m
  path: model.txt
  evaluate: { run: "cp score.json \${{ evaluation.path }}", inputs: [score.json] }
  gate: [auc >= 0.6]
retrain: weekly
`;

/** The grammar of Prometheus' text format, line by line. */
const LINE =
  /^(# HELP [a-z_]+ .*|# TYPE [a-z_]+ gauge|[a-z_]+(\{([a-z_]+="([^"\\]|\\["\\n])*")(,[a-z_]+="([^"\\]|\\["\\n])*")*\})? -?\d+(\.\d+)?(e-?\d+)?)$/;

it('writes the state of pipelines and models in the text format of Prometheus', async () => {
  using rig = createRig({ 'pipelines/p.yaml': PIPELINE, 'in.txt': '1', 'score.json': '{"auc":0.75}' });
  await rig.json(0, 'retrain', 'p', '--force');
  expect((await rig.refit('export', 'prometheus', '-o', 'metrics/refit.prom')).exit).toBe(0);
  const lines = rig.read('metrics/refit.prom').trimEnd().split('\n');
  for (const line of lines) expect(line).toMatch(LINE);
  expect(lines).toContain('refit_champion_version{model="m"} 1');
  expect(lines).toContain('refit_champion_metric{model="m",metric="auc"} 0.75');
  expect(lines).toContain('refit_last_run_success{pipeline="p"} 1');
  expect(lines).toContain('refit_last_decision{pipeline="p",decision="retrain"} 1');
  const names = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
  expect(new Set(names).size).toBe(names.length);
});

it('writes its file for the collector, inside or outside the workspace', async () => {
  using elsewhere = createRig({ 'textfile/.keep': '' });
  using rig = createRig({
    'pipelines/p.yaml': 'pipeline: p\nsteps: { a: { run: "true", inputs: [], outputs: [] } }\n',
  });
  await rig.json(0, 'run', 'p');
  const file = `${elsewhere.root}/textfile/refit.prom`;
  expect((await rig.refit('export', 'prometheus', '-o', file)).exit).toBe(0);
  expect(elsewhere.read('textfile/refit.prom')).toContain('refit_');
  const folder = await rig.refit('export', 'prometheus', '-o', `${elsewhere.root}/textfile`);
  expect(folder).toMatchObject({ exit: 2, stderr: expect.stringContaining('is a folder') });
  const printed = await rig.refit('export', 'prometheus', '-o', '-');
  expect(printed).toMatchObject({ exit: 0, stdout: expect.stringContaining('# TYPE refit_') });
  expect(rig.has('-')).toBe(false);
  const mlflow = await rig.refit('export', 'mlflow', '-o', `${elsewhere.root}/mlflow`);
  expect(mlflow).toMatchObject({ exit: 2, stderr: expect.stringContaining('lies outside the workspace') });
});
