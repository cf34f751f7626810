import { describe, expect, it } from 'vitest';
import { dayOf, jsonLines, labelLines, logRows, WATCHED, watchedFiles } from '../support/predictions.js';
import { createRig, type Document, type Rig } from '../support/rig.js';

const FORM = ['--time', 'at', '--prediction', 'score', '--label', 'late'];

describe('files, without a workspace', () => {
  it('have windows with intervals and every metric that fits', async () => {
    using rig = createRig({ 'log.jsonl': jsonLines(logRows({ days: 56 }), true) });
    const document = await rig.json(0, 'check-performance', 'log.jsonl', ...FORM);
    expect(document).toMatchObject({ verdict: 'stable', metric: 'auc', change: null, problems: [] });
    // the eighth week is the current window
    expect(document.windows).toHaveLength(7);
    for (const { n, value, lower, upper } of document.windows) {
      expect(n).toBe(1400);
      expect(lower).toBeLessThan(value);
      expect(upper).toBeGreaterThan(value);
    }
    expect(Object.keys(document.metrics).sort()).toEqual([
      'accuracy',
      'auc',
      'brier',
      'calibration-error',
      'f1',
      'log-loss',
      'precision',
      'recall',
    ]);
    expect(rig.has('.refit')).toBe(false);
  });

  it('show that a model got worse, since when, how, and by what kind of change', async () => {
    const rows = logRows({ days: 56, lost: (day) => (day >= 45 ? 0.4 : 0) });
    using rig = createRig({ 'log.jsonl': jsonLines(rows, true) });
    const document = await rig.json(3, 'check-performance', 'log.jsonl', ...FORM);
    expect(document).toMatchObject({ verdict: 'drift', change: { form: 'sudden', kind: 'real' } });
    const off = Math.abs(Date.parse(document.change.since) - Date.parse(dayOf(45)));
    expect(off).toBeLessThan(86_400_000);
    expect(document.change.after.value).toBeGreaterThan(document.change.before.value);
    expect(document.detectors[0].alarms.length).toBeGreaterThan(0);
    const shown = await rig.refit('check-performance', 'log.jsonl', ...FORM, '--exit-zero');
    expect(shown).toMatchObject({ exit: 0 });
    expect(shown.stdout).toContain('alike inputs now have other labels');
  });

  it('may join predictions in CSV with labels of another file, also by numbers', async () => {
    const rows = logRows({ days: 40 });
    using rig = createRig({
      'p.csv': `when,key,said\n${rows.map(({ at, id, score }) => `${at},${id},${score * 100}\n`).join('')}`,
      'l.csv': `key,true\n${rows.map(({ id, score, label }) => `${id},${score * 100 + label}\n`).join('')}`,
    });
    const columns = ['--time', 'when', '--key', 'key', '--prediction', 'said', '--label', 'true'];
    const document = await rig.json(0, 'check-performance', '--predictions', 'p.csv', '--labels', 'l.csv', ...columns);
    expect(document).toMatchObject({ metric: 'mae', verdict: 'stable' });
    expect(Object.keys(document.metrics).sort()).toEqual(['mae', 'mape', 'pinball', 'rmse']);
    expect(document.metrics.mae.value).toBeCloseTo(0.5, 1);
  });

  it('name a column that does not exist, and what is missing on the command line', async () => {
    using rig = createRig({ 'log.csv': 'at,score,late\n2026-01-01,0.5,1\n', 'empty.csv': '' });
    const wrong = await rig.refit(
      'check-performance',
      'log.csv',
      '--time',
      'when',
      '--prediction',
      'score',
      '--label',
      'late',
    );
    expect(wrong).toMatchObject({ exit: 2 });
    expect(wrong.stderr).toContain('when');
    expect((await rig.refit('check-performance', 'log.csv')).stderr).toContain('--time, --prediction, --label');
    expect((await rig.refit('check-performance', 'empty.csv', ...FORM)).exit).toBe(4);
  });
});

/** A workspace with a champion, which serves since day 0. */
async function watched(pipeline = WATCHED, files: Readonly<Record<string, string>> = {}): Promise<Rig> {
  const rig = createRig({ ...watchedFiles(pipeline), ...files });
  await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
  return rig;
}

const check = (rig: Rig, exit: number, day: number): Promise<Document> =>
  rig.json(exit, 'check-performance', 'watched', '--now', dayOf(day));

describe('the champion of a pipeline', () => {
  it('is judged against its own gate, on predictions older than the delay of labels', async () => {
    using rig = await watched();
    const rows = logRows({ days: 29 });
    rig.write({ 'logs/a.jsonl': jsonLines(rows), 'labels/a.csv': `id,label\n${labelLines(rows)}` });
    const document = await check(rig, 0, 29);
    expect(document).toMatchObject({ verdict: 'stable', version: { model: 'watched', version: 1 }, as_of: dayOf(28) });
    expect(document.evidence.n).toBe(1400);
    expect(document.counts).toMatchObject({ predictions: 5800, waiting: 200 });
    expect(document.drop).toBe(0.03);
    expect(rig.query('SELECT version FROM performance_check')).toEqual([{ version: 1 }]);
  });

  it('has late labels, each of which changes its own window only; the others are not measured again', async () => {
    using rig = await watched();
    const rows = logRows({ days: 36 });
    const late = rows.filter((row) => row.at.startsWith('2026-01-13'));
    const known = rows.filter((row) => !late.includes(row));
    rig.write({ 'logs/a.jsonl': jsonLines(rows), 'labels/a.csv': `id,label\n${labelLines(known)}` });
    const before = await check(rig, 0, 36);
    expect(before.windows[1]).toMatchObject({ n: 1200, predictions: 1400 });
    // a mark in what was measured: it stays where nothing is measured again
    rig.update(`UPDATE performance_window SET window_json = json_set(window_json, '$.estimate.upper', 2)`);
    rig.write({ 'labels/a.csv': `id,label\n${labelLines(known)}${labelLines(late)}` });
    const after = await check(rig, 0, 36);
    expect(after.windows[1]).toMatchObject({ n: 1400 });
    expect(after.windows.map((one: Document) => one.upper === 2)).toEqual([true, false, true, true, true]);
  });

  it('is watched from check to check with the same result as one check over the whole log', async () => {
    const rows = logRows({ days: 50, lost: (day) => (day >= 30 ? 0.35 : 0) });
    const until = (day: number) => rows.filter((row) => row.at < dayOf(day));
    using once = await watched();
    once.write({ 'logs/a.jsonl': jsonLines(rows), 'labels/a.csv': `id,label\n${labelLines(rows)}` });
    const whole = await check(once, 3, 43);
    using often = await watched();
    for (const day of [9, 16, 17, 29, 31, 36]) {
      often.write({ 'logs/a.jsonl': jsonLines(until(day)), 'labels/a.csv': `id,label\n${labelLines(until(day - 1))}` });
      await often.refit('check-performance', 'watched', '--now', dayOf(day));
    }
    often.write({ 'logs/a.jsonl': jsonLines(until(40)), 'logs/b.jsonl': jsonLines(rows.slice(until(40).length)) });
    often.write({ 'labels/a.csv': `id,label\n${labelLines(rows)}` });
    const resumed = await check(often, 3, 43);
    expect(whole.detectors[0].alarms.length).toBeGreaterThan(0);
    for (const key of ['windows', 'detectors', 'change', 'metrics', 'fall', 'limit'])
      expect(resumed[key], key).toEqual(whole[key]);
  });

  it('may take its labels from a query over a dataset, as they were known at that time', async () => {
    const query = WATCHED.replace(
      'labels: { path: "labels/*.csv", key: id, label: label, delay: 1d }',
      'labels: { query: "select id, outcome > 0.5 as late from ${{ datasets.outcomes }}", key: id, label: late, delay: 1d }',
    ).replace('steps:', 'datasets: { outcomes: { path: outcomes.csv, time: known_at } }\nsteps:');
    using rig = await watched(query, { 'outcomes.csv': 'id,known_at,outcome\nx,2026-01-01 00:00:00,1\n' });
    const rows = logRows({ days: 36 });
    const outcomes = rows.map(({ id, at, label }) => `${id},${at.slice(0, 19)},${label}\n`).join('');
    rig.write({ 'logs/a.jsonl': jsonLines(rows), 'outcomes.csv': `id,known_at,outcome\n${outcomes}` });
    expect(await check(rig, 0, 22)).toMatchObject({ verdict: 'stable', counts: { labelled: 22 * 200 } });
    expect(await check(rig, 0, 36)).toMatchObject({ verdict: 'stable', counts: { labelled: 36 * 200 } });
  });

  it('is judged by segment as well', async () => {
    using rig = await watched(WATCHED.replace('monitor:', 'monitor:\n  segments: [site]'));
    const good = logRows({ days: 43, perDay: 400 });
    const bad = logRows({ days: 43, perDay: 400, lost: (day) => (day >= 35 ? 0.4 : 0) });
    const rows = good.map((row, i) => (row.site === 'e' ? (bad[i] ?? row) : row));
    rig.write({ 'logs/a.jsonl': jsonLines(rows), 'labels/a.csv': `id,label\n${labelLines(rows)}` });
    const { segments } = await rig.json(0, 'check-performance', 'watched', '--now', dayOf(43), '--exit-zero');
    expect(segments.filter((one: Document) => one.verdict === 'drift').map((one: Document) => one.value)).toEqual([
      'e',
    ]);
    expect(segments).toHaveLength(4);
  });
});

describe('feeds that are not there', () => {
  it('are undecided while nothing was logged yet, never a finding', async () => {
    using rig = await watched();
    expect(await check(rig, 0, 20)).toMatchObject({
      verdict: 'undecided',
      undecided_because: 'no-predictions',
      problems: [],
    });
    expect((await rig.refit('check-performance', 'watched', '--strict')).exit).toBe(3);
  });

  it('are findings when they stop: predictions, and labels', async () => {
    using rig = await watched();
    const rows = logRows({ days: 36 });
    const early = rows.filter((row) => row.at < dayOf(20));
    rig.write({ 'logs/a.jsonl': jsonLines(rows), 'labels/a.csv': `id,label\n${labelLines(early)}` });
    const labels = await check(rig, 4, 36);
    expect(labels).toMatchObject({ verdict: 'undecided', problems: [{ code: 'labels-stopped', severity: 'error' }] });
    const predictions = await check(rig, 4, 60);
    expect(predictions).toMatchObject({ verdict: 'undecided', problems: [{ code: 'stale', dataset: 'predictions' }] });
  });

  it('are a finding where labels have other keys', async () => {
    using rig = await watched();
    const rows = logRows({ days: 20 });
    rig.write({ 'logs/a.jsonl': jsonLines(rows), 'labels/a.csv': 'id,label\nx1,1\nx2,0\n' });
    expect(await check(rig, 4, 20)).toMatchObject({ verdict: 'undecided', problems: [{ code: 'keys-differ' }] });
  });

  it('are no finding before the first prediction is as old as the delay, and no window is shown', async () => {
    using rig = createRig(watchedFiles(WATCHED.replace('delay: 1d', 'delay: 14d')));
    await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
    const old = 'id,label\nold1,1\nold2,0\n';
    rig.write({ 'logs/a.jsonl': jsonLines(logRows({ days: 30 })), 'labels/a.csv': old });
    const early = await check(rig, 0, 7);
    expect(early).toMatchObject({ undecided_because: 'not-due', current: null, problems: [] });
    expect(early.detail).toContain(`from ${dayOf(14).slice(0, 10)}`);
    expect(await check(rig, 4, 30)).toMatchObject({ problems: [{ code: 'keys-differ' }] });
  });

  it('hide labels that had not come at --now by their own time', async () => {
    const dated = WATCHED.replace(
      'steps:',
      'datasets: { truth: { path: "labels/*.csv", time: come } }\nsteps:',
    ).replace('labels: { path: "labels/*.csv"', 'labels: { dataset: truth');
    using rig = createRig({ ...watchedFiles(dated), 'labels/a.csv': 'id,label,come\nold,1,2025-12-01T00:00:00Z\n' });
    await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
    const rows = logRows({ days: 40 });
    const come = rows.map(
      ({ id, at, label }) => `${id},${label},${new Date(Date.parse(at) + 14 * 86_400_000).toISOString()}\n`,
    );
    rig.write({ 'logs/a.jsonl': jsonLines(rows), 'labels/a.csv': `id,label,come\n${come.join('')}` });
    const labelled = async (day: number): Promise<number> =>
      JSON.parse((await rig.refit('check-performance', 'watched', '--now', dayOf(day), '--json')).stdout).counts
        .labelled;
    expect(await labelled(10)).toBe(0);
    expect(await labelled(20)).toBe(6 * 200);
    expect(await labelled(60)).toBe(rows.length);
    expect(await labelled(20)).toBe(6 * 200);
  });

  it('show prediction drift without labels, and an estimate that is marked as blind to concept drift', async () => {
    using rig = await watched();
    const rows = logRows({ days: 20, moved: (day) => (day >= 10 ? 1.5 : 0), lost: (day) => (day >= 10 ? 0.9 : 0) });
    rig.write({ 'logs/a.jsonl': jsonLines(rows) });
    const same = await check(rig, 0, 9);
    expect(same).toMatchObject({ verdict: 'undecided', undecided_because: 'no-labels' });
    expect(same.without_labels).toMatchObject({
      prediction_drift: { verdict: 'stable' },
      estimated: { sees_concept_drift: false },
    });
    const truth = 0.5 + (same.without_labels.estimated.at_gate - 0.5);
    expect(same.without_labels.estimated.value).toBeCloseTo(truth, 1);
    const moved = await check(rig, 0, 20);
    expect(moved.without_labels.prediction_drift.verdict).toBe('drift');
    expect(moved.detail).toContain('cannot see concept drift');
  });

  it('are reported with the lines to add where the pipeline has no predictions', async () => {
    using rig = createRig({ 'pipelines/p.yaml': 'pipeline: p\nsteps: { a: { run: "true" } }\n' });
    const { exit, stderr } = await rig.refit('check-performance', 'p');
    expect(exit).toBe(2);
    expect(stderr).toContain('predictions: { path:');
  });
});
