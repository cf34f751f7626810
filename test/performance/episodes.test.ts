import { describe, expect, it } from 'vitest';
import { dayOf, jsonLines, labelLines, logRows, WATCHED, watchedFiles } from '../support/predictions.js';
import { createRig, type Document, type Rig } from '../support/rig.js';

const FORM = ['--time', 'at', '--prediction', 'score', '--label', 'late'];
const CHANGE = 63;
const DAY_MS = 86_400_000;

/** Checks a log without a workspace, as if on a day. */
const ask = async (rig: Rig, day: number, ...more: readonly string[]): Promise<Document> =>
  JSON.parse(
    (await rig.refit('check-performance', 'log.jsonl', ...FORM, '--now', dayOf(day), '--json', ...more)).stdout,
  );

const withLog = (lost: (day: number) => number, days = 170): Rig =>
  createRig({ 'log.jsonl': jsonLines(logRows({ days, perDay: 100, lost }), true) });

describe('a fall in a log', () => {
  it('is still open three months later, and the sentence describes the change that began it', async () => {
    using rig = withLog((day) => (day >= CHANGE ? 0.4 : 0));
    for (const after of [7, 28, 90]) {
      const { verdict, change, episode, fall, limit, detail } = await ask(rig, CHANGE + after);
      expect(verdict).toBe('drift');
      expect(change.form).toBe('sudden');
      expect(Math.abs(Date.parse(change.since) - Date.parse(dayOf(CHANGE)))).toBeLessThan(2 * DAY_MS);
      expect(fall).toBeGreaterThan(limit);
      expect(episode.age_ms).toBeGreaterThan((after - 2) * DAY_MS);
      expect(detail).toContain(`, ${Math.floor(episode.age_ms / DAY_MS)} days`);
      expect(detail).toContain('rose suddenly');
    }
  });

  it('ends when the old level is back, and a later fall is another one', async () => {
    using rig = withLog((day) => ((day >= CHANGE && day < 91) || day >= 133 ? 0.5 : 0));
    expect(await ask(rig, 80)).toMatchObject({ verdict: 'drift' });
    expect(await ask(rig, 112)).toMatchObject({ verdict: 'stable', change: null });
    const again = await ask(rig, 150);
    expect(again).toMatchObject({ verdict: 'drift', change: { form: 'recurring' } });
    expect(Date.parse(again.episode.since)).toBeGreaterThan(Date.parse(dayOf(125)));
  });

  it('continues if a second fall comes before the first has ended', async () => {
    using rig = withLog((day) => (day >= 105 ? 0.8 : day >= CHANGE ? 0.3 : 0));
    const { verdict, episode } = await ask(rig, 120);
    expect(verdict).toBe('drift');
    expect(Date.parse(episode.since)).toBeLessThan(Date.parse(dayOf(CHANGE + 3)));
  });

  it('that pauses is recurring, has its age from the first time on, and says since when it is back', async () => {
    const isBad = (day: number) => (day >= CHANGE && day < 87) || (day >= 94 && day < 115) || day >= 122;
    using rig = withLog((day) => (isBad(day) ? 0.6 : 0));
    for (const [day, back] of [
      [105, 94],
      [140, 122],
    ] as const) {
      const { verdict, change, episode, detail } = await ask(rig, day);
      expect(verdict).toBe('drift');
      expect(change.form).toBe('recurring');
      expect(Math.abs(Date.parse(change.since) - Date.parse(dayOf(back)))).toBeLessThan(2 * DAY_MS);
      expect(Math.abs(Date.parse(change.returned_to.from) - Date.parse(dayOf(CHANGE)))).toBeLessThan(2 * DAY_MS);
      expect(Math.abs(Date.parse(change.returned_to.to) - Date.parse(dayOf(87)))).toBeLessThan(2 * DAY_MS);
      expect(Math.abs(Date.parse(episode.since) - Date.parse(dayOf(CHANGE)))).toBeLessThan(2 * DAY_MS);
      expect(detail).toContain('back to the level of');
    }
  });

  it('continues after a partial recovery', async () => {
    using rig = withLog((day) => (day < CHANGE ? 0 : day < 84 ? 0.5 : 0.25));
    expect(await ask(rig, 140)).toMatchObject({ verdict: 'drift' });
  });

  it('has a limit no wider than the metric can still fall', async () => {
    using rig = withLog((day) => 0.45 + 0.4 * Math.sin(Math.floor(day / 7) * 2.4), 120);
    const { limit, reference } = await ask(rig, 119);
    expect(limit).toBeLessThanOrEqual(reference - 0.5 + 1e-9);
  });
});

describe('a fall of a champion', () => {
  async function fallen(): Promise<{
    readonly rig: Rig;
    readonly check: (exit: number, day: number) => Promise<Document>;
  }> {
    const rig = createRig(watchedFiles(WATCHED));
    await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
    const rows = logRows({ days: 120, perDay: 100, lost: (day) => (day >= 42 ? 0.4 : 0) });
    rig.write({ 'logs/a.jsonl': jsonLines(rows), 'labels/a.csv': `id,label\n${labelLines(rows)}` });
    const check = (exit: number, day: number): Promise<Document> =>
      rig.json(exit, 'check-performance', 'watched', '--now', dayOf(day));
    return { rig, check };
  }

  it('keeps its beginning, is shown with its age by status and why, and ends when a person calls it normal', async () => {
    const { rig, check } = await fallen();
    using _ = rig;
    expect((await check(0, 40)).episode).toBeNull();
    const first = await check(3, 50);
    const later = await check(3, 80);
    expect(later.episode.before).toBeCloseTo(first.episode.before, 2);
    expect(later.episode.age_ms - first.episode.age_ms).toBeGreaterThan(28 * DAY_MS);
    const sentence = /AUC 0\.\d+, was 0\.\d+, since 2026-02-1\d, \d+ days/;
    expect((await rig.refit('status', 'watched', '--now', dayOf(80))).stdout).toMatch(sentence);
    expect((await rig.refit('why', 'watched@champion')).stdout).toMatch(sentence);
    const resolved = await rig.refit('resolve', later.episode.finding, '--as', 'normal', '--reason', 'a new product');
    expect(resolved).toMatchObject({ exit: 0 });
    const after = await check(0, 94);
    expect(after.episode).toBeNull();
    expect(rig.query('SELECT because FROM performance_episode_end')).toEqual([{ because: 'resolved' }]);
    // What came after is the new normal.
    expect(await check(0, 108)).toMatchObject({ verdict: 'stable' });
  });
});

describe('within a fall', () => {
  it('trainings that the gate refused are counted, and said', async () => {
    using rig = createRig(watchedFiles(WATCHED));
    await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
    const rows = logRows({ days: 70, perDay: 100, lost: (day) => (day >= 42 ? 0.4 : 0) });
    rig.write({ 'logs/a.jsonl': jsonLines(rows), 'labels/a.csv': `id,label\n${labelLines(rows)}` });
    rig.write({ 'evaluate.mjs': rig.read('evaluate.mjs').replace('auc: 0.8', 'auc: 0.5') });
    const check = (day: number): Promise<Document> => rig.json(3, 'check-performance', 'watched', '--now', dayOf(day));
    expect((await check(50)).episode).toMatchObject({ trainings: 0, trainings_refused: 0 });
    for (const day of [50, 62]) {
      rig.write({ 'source.txt': `rows until day ${day}` });
      const tried = JSON.parse((await rig.refit('retrain', 'watched', '--now', dayOf(day), '--json')).stdout);
      expect(tried).toMatchObject({ decision: 'retrain', outcome: 'gate-refused' });
    }
    const { episode, detail, version } = await check(64);
    expect(episode).toMatchObject({ trainings: 2, trainings_refused: 2 });
    expect(version.version).toBe(1);
    expect(detail).toContain('2 trainings refused');
    expect((await rig.refit('status', 'watched', '--now', dayOf(64))).stdout).toContain('2 trainings refused');
  });

  it('a second one, after the first was over, is recurring in a pipeline too', async () => {
    using rig = createRig(watchedFiles(WATCHED));
    await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
    const rows = logRows({ days: 130, perDay: 100, lost: (day) => ((day >= 42 && day < 63) || day >= 105 ? 0.5 : 0) });
    rig.write({ 'logs/a.jsonl': jsonLines(rows), 'labels/a.csv': `id,label\n${labelLines(rows)}` });
    const check = (exit: number, day: number): Promise<Document> =>
      rig.json(exit, 'check-performance', 'watched', '--now', dayOf(day));
    expect(await check(3, 56)).toMatchObject({ verdict: 'drift', change: { form: 'sudden' } });
    expect(await check(0, 91)).toMatchObject({ verdict: 'stable', episode: null });
    const again = await check(3, 120);
    expect(again).toMatchObject({ verdict: 'drift', change: { form: 'recurring' } });
    expect(Date.parse(again.episode.since)).toBeGreaterThan(Date.parse(dayOf(98)));
    expect(rig.query('SELECT because FROM performance_episode_end')).toEqual([{ because: 'recovered' }]);
  });
});

it('has its metric estimated while there are no labels, in a file as in a pipeline', async () => {
  const rows = logRows({ days: 20, perDay: 100 });
  using file = createRig({ 'log.jsonl': jsonLines(rows) });
  const columns = ['--time', 'at', '--prediction', 'score'];
  const bare: Document = JSON.parse((await file.refit('check-performance', 'log.jsonl', ...columns, '--json')).stdout);
  using rig = createRig(watchedFiles(WATCHED));
  await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
  rig.write({ 'logs/a.jsonl': jsonLines(rows) });
  const piped = await rig.json(0, 'check-performance', 'watched', '--now', dayOf(9));
  for (const { verdict, without_labels: without } of [bare, piped]) {
    expect(verdict).toBe('undecided');
    expect(without.estimated).toMatchObject({ metric: 'auc', sees_concept_drift: false });
    expect(without.estimated.value).toBeGreaterThan(0.7);
  }
});
