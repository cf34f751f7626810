import { Chalk } from 'chalk';
import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import type { RefitEvent } from '../../src/domain/events.js';
import type { RunId, StepName } from '../../src/domain/ids.js';
import type { StepStatus } from '../../src/domain/runs/run.js';
import { emptyTree, grow, treeLines } from '../../src/render/step-tree.js';

const chalk = new Chalk({ level: 0 });
const started = (step: string, attempt = 1): RefitEvent => ({
  type: 'step-started',
  step: step as StepName,
  attempt,
  logPath: '',
});
const finished = (step: string, status: StepStatus): RefitEvent => ({
  type: 'step-finished',
  step: step as StepName,
  status,
  durationMs: 1500,
});

function treeOf(steps: readonly string[], ...events: readonly RefitEvent[]) {
  const tree = emptyTree();
  const planned = steps.map((line) => {
    const [name = '', ...needs] = line.split(' ') as StepName[];
    return { name: name as StepName, needs };
  });
  grow(tree, { type: 'run-started', run: 'r' as RunId, pipeline: 'p', steps: planned }, 0);
  for (const event of events) grow(tree, event, 0);
  return tree;
}

it('counts the steps, then shows every step with its status', () => {
  const tree = treeOf(
    ['a', 'bb', 'c', 'd', 'e', 'f'],
    finished('a', 'restored'),
    finished('bb', 'skipped'),
    started('c', 2),
    finished('d', 'failed'),
    started('f'),
    finished('f', 'succeeded'),
  );
  expect(treeLines(tree, { nowMs: 65_000, columns: 80, rows: 20 }, chalk)).toEqual([
    '4 of 6 steps · 1 running · 1 failed · 1m 5s',
    '▸ c   1m 5s, attempt 2',
    '↺ a   restored 1.5s',
    '– bb  skipped',
    '✖ d   failed 1.5s',
    '· e   waiting',
    '✔ f   done 1.5s',
  ]);
});

it('puts a step below the one that it waits longest for, and names what it still waits for', () => {
  const tree = treeOf(
    ['extract', 'campaign', 'split extract', 'train split campaign', 'report extract'],
    finished('extract', 'succeeded'),
    started('split'),
    finished('campaign', 'skipped'),
  );
  expect(treeLines(tree, { nowMs: 0, columns: 80, rows: 20 }, chalk)).toEqual([
    '2 of 5 steps · 1 running · 0s',
    '▸ split      0s',
    '✔ extract    done 1.5s',
    '·     train  waiting for split',
    '·   report   waiting',
    '– campaign   skipped',
  ]);
});

it('never has more lines than rows, and keeps the running, failed and next steps', () => {
  const names = Array.from({ length: 1000 }, (_, i) => `step-${i}`);
  const tree = treeOf(
    names,
    ...names.slice(0, 500).map((name) => finished(name, 'succeeded')),
    finished('step-3', 'failed'),
    started('step-900'),
  );
  expect(treeLines(tree, { nowMs: 0, columns: 40, rows: 5 }, chalk)).toEqual([
    '500 of 1000 steps · 1 running · 1 fai',
    '▸ step-900  0s',
    '✖ step-3    failed 1.5s',
    '· step-500  waiting',
    '· step-501  waiting',
  ]);
  for (const name of names.slice(500)) grow(tree, finished(name, 'succeeded'), 0);
  expect(treeLines(tree, { nowMs: 0, columns: 40, rows: 3 }, chalk).slice(1)).toEqual([
    '✖ step-3    failed 1.5s',
    '✔ step-999  done 1.5s',
  ]);
  expect(treeLines(tree, { nowMs: 0, columns: 12, rows: 1 }, chalk)).toEqual(['1000 of 1']);
  expect(treeLines(tree, { nowMs: 0, columns: 12, rows: -2 }, chalk)).toEqual(['1000 of 1']);
});

it.each([
  ['Latin', 'prepare-train-and-test'],
  ['Japanese', '準備する・学習する・評価する'],
  ['emoji', '🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀'],
  ['combining', 'e\u0301'.repeat(30)],
])('cuts lines with %s names to the columns of the terminal', (_, name) => {
  const tree = treeOf([name, `other ${name}`], started(name));
  for (const columns of [10, 16, 20])
    for (const line of treeLines(tree, { nowMs: 0, columns, rows: 20 }, chalk))
      expect(stringWidth(line)).toBeLessThan(columns);
});

it('shows work besides the steps', () => {
  const tree = emptyTree();
  expect(treeLines(tree, { nowMs: 0, columns: 80, rows: 20 }, chalk)).toEqual([]);
  grow(tree, { type: 'phase', text: 'check the data' }, 0);
  expect(treeLines(tree, { nowMs: 0, columns: 80, rows: 20 }, chalk)).toEqual(['check the data …']);
});
