import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import type { Finding } from '../../src/domain/data/finding.js';
import { strong, toned } from '../../src/render/parts/parts.js';
import { overviewParts, worstFirst } from '../../src/status/views/overview.js';
import type { PipelineStatus } from '../../src/status/views/pipeline-status.js';
import { createRig, type Rig } from '../support/rig.js';

const pipeline = (name: string): string => `pipeline: ${name}
datasets: { rows: { path: "data/${name}/*.csv", time: at } }
steps:
  extract: { run: 'cat \${{ datasets.rows }} > \${{ outputs.o }}; : \${{ now }}', inputs: ["\${{ datasets.rows }}"], outputs: { o: work/${name}.csv } }
  train: { run: 'cp work/${name}.csv work/${name}.txt', inputs: [work/${name}.csv], outputs: [work/${name}.txt] }
model: { name: ${name}-model, path: work/${name}.txt }
retrain: { when: { any: [{ max_age: 30d }] } }
`;

const files = (names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.flatMap((name) => [
      [`pipelines/${name}.yaml`, pipeline(name)],
      [`data/${name}/a.csv`, 'at,x\n2026-01-01,1\n'],
    ]),
  );

const NOW = ['--now', '2026-02-01'];
const stateOf = async (rig: Rig, name: string, now: string): Promise<string> =>
  (await rig.json(0, 'status', name, '--now', now)).pipelines[0].state;

it('calls a windowed pipeline stale only if something but the moment or the data has changed', async () => {
  using rig = createRig(files(['sales']));
  await rig.json(0, 'run', 'sales', ...NOW);
  expect(await stateOf(rig, 'sales', '2026-02-01')).toBe('fresh');
  expect(await stateOf(rig, 'sales', '2026-02-02')).toBe('window-moved');
  expect(await stateOf(rig, 'sales', '2026-03-02')).toBe('window-moved');
  const { stdout } = await rig.refit('status', 'sales', '--now', '2026-02-02');
  expect(stdout).toContain(
    'sales  window moved: nothing else has changed; a run would make extract again, and train if extract writes something else',
  );
  // the data of the next day arrives
  rig.write({ 'data/sales/b.csv': 'at,x\n2026-02-01T05:00:00,2\n' });
  expect(await stateOf(rig, 'sales', '2026-02-02')).toBe('new-data');
  const changed = pipeline('sales').replace('cp work', 'cp  work');
  rig.write({ 'pipelines/sales.yaml': changed });
  expect(await stateOf(rig, 'sales', '2026-02-02')).toBe('stale');
  rig.write({ 'pipelines/sales.yaml': pipeline('sales') });
  await rig.json(0, 'run', 'sales', '--now', '2026-02-02');
  expect(await stateOf(rig, 'sales', '2026-02-02')).toBe('fresh');
  rig.remove('work/sales.txt');
  expect(await stateOf(rig, 'sales', '2026-02-02')).toBe('stale');
});

it('shows 20 pipelines on a screen of 24 lines, the worst first, and says how many are left out', async () => {
  const names = Array.from({ length: 24 }, (_, i) => `pipeline-of-team-${String(i + 1).padStart(2, '0')}`);
  using rig = createRig(files(names), { COLUMNS: '80' });
  for (const name of names.slice(0, 4)) await rig.json(0, 'run', name, ...NOW);
  await rig.json(0, 'pause', names[3] ?? '', '--reason', 'the feed moves', ...NOW);
  rig.write({ [`pipelines/${names[23]}.yaml`]: 'pipeline: broken\nsteps: {' });
  const { stdout } = await rig.refit('status', ...NOW);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(24);
  expect(lines.filter((line) => stringWidth(line) > 80)).toEqual([]);
  expect(lines[1]).toMatch(/^ {2}pipelines\/pipeline-of-team-24\.yaml +invalid/);
  expect(lines[2]).toMatch(/^ {2}pipeline-of-team-04 +fresh .* paused$/);
  expect(stdout).toMatch(/4 pipelines left out.*refit status --all/);
  const all = (await rig.refit('status', '--all', ...NOW)).stdout;
  for (const name of names.slice(0, 23)) expect(all).toContain(name);
  expect(all).not.toContain('left out');
  // JSON leaves nothing out, and has the same order
  const { pipelines } = await rig.json(0, 'status', ...NOW);
  expect(pipelines.map((one: { pipeline: string }) => one.pipeline).slice(1, 2)).toEqual([names[3]]);
  expect(pipelines).toHaveLength(24);
}, 300_000);

it('tells findings by their severity, and warnings after what is broken', () => {
  const of = (pipeline: string, severities: readonly Finding['severity'][]): PipelineStatus => ({
    pipeline,
    file: `pipelines/${pipeline}.yaml`,
    findings: severities.map((severity, i) => ({ id: `f-${i}`, code: 'x', severity, detail: 'd' }) as Finding),
    events: [],
    isWatched: true,
    serving: [],
    held: [],
    episodes: [],
    earned: [],
    future: [],
    earnedVerdicts: [],
    care: { isReviewDue: false },
    attention: { isSilent: false, isEveryDeclared: false },
  });
  const statuses = worstFirst([
    of('warned', ['warning', 'warning']),
    of('well', []),
    of('broken', ['warning', 'error']),
  ]);
  const [table] = overviewParts(statuses, true);
  const shown = table?.kind === 'table' ? table.rows.map((row) => [row[0], row[4]]) : [];
  expect(shown).toEqual([
    [strong('broken'), toned('1 error, 1 warning', 'bad')],
    [strong('warned'), toned('2 warnings', 'warn')],
    [strong('well'), ''],
  ]);
});

it('shows up to three pipelines in full', async () => {
  using rig = createRig(files(['a', 'b', 'c']));
  const { stdout } = await rig.refit('status');
  expect(stdout.match(/last run/g)).toHaveLength(3);
});
