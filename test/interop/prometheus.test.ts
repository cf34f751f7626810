import { expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';

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
  expect(lines).toContain(`refit_champion_version{workspace="${rig.root}",model="m"} 1`);
  expect(lines).toContain(`refit_champion_metric{workspace="${rig.root}",model="m",metric="auc"} 0.75`);
  expect(lines).toContain(`refit_last_run_success{workspace="${rig.root}",pipeline="p"} 1`);
  expect(lines).toContain(`refit_last_decision{workspace="${rig.root}",pipeline="p",decision="retrain"} 1`);
  const names = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
  expect(new Set(names).size).toBe(names.length);
});

/** The values of a gauge. */
const values = (rig: Rig, gauges: readonly Gauge[], name: string): readonly number[] =>
  gauges
    .filter((one) => one.name === name)
    .map(({ labels, value }) => {
      expect(labels.workspace).toBe(rig.root);
      return value;
    });

interface Gauge {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

it('names times as Unix time, not as ages that stop when cron does', async () => {
  using rig = createRig({ 'pipelines/p.yaml': PIPELINE, 'in.txt': '1', 'score.json': '{"auc":0.75}' });
  const before = Date.now() / 1000 - 1;
  await rig.json(0, 'retrain', 'p', '--force');
  const { gauges } = await rig.json(0, 'export', 'prometheus');
  const names = gauges.map((one: Gauge) => one.name);
  expect(names.filter((name: string) => /age_seconds|serving_seconds/.test(name))).toEqual([]);
  for (const name of ['last_run', 'last_decision', 'last_tick', 'champion_since', 'champion_trained']) {
    const [value = 0] = values(rig, gauges, `${name}_timestamp_seconds`);
    expect(value).toBeGreaterThan(before);
    expect(value).toBeLessThan(Date.now() / 1000 + 1);
  }
});

it('has a gauge for what needs a person: paused, silent, refused, failed, held', async () => {
  using rig = createRig({
    'pipelines/p.yaml': PIPELINE.replace('retrain: weekly', 'retrain: { when: weekly, tick: 1h }'),
    'in.txt': '1',
    'score.json': '{"auc":0.5}',
  });
  const standing = async () => {
    const { gauges } = await rig.json(0, 'export', 'prometheus');
    return ['paused', 'held', 'silent', 'refused', 'failed'].map((name) => values(rig, gauges, name)[0]);
  };
  await rig.json(5, 'retrain', 'p', '--force');
  expect(await standing()).toEqual([0, 0, 0, 1, 0]);
  await rig.json(0, 'pause', 'p', '--reason', 'x');
  expect(await standing()).toEqual([1, 0, 0, 1, 0]);
  await rig.json(0, 'resume', 'p', '--reason', 'x');
  rig.write({ 'score.json': 'none' });
  await rig.json(1, 'retrain', 'p', '--force');
  expect(await standing()).toEqual([0, 0, 0, 0, 1]);
  rig.update("UPDATE tick SET started_at = '2026-01-01T00:00:00.000Z'");
  expect((await standing())[2]).toBe(1);
  rig.update("UPDATE retrain_decision SET decision = 'hold'");
  expect((await standing())[1]).toBe(1);
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
