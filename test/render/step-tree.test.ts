import { Chalk } from 'chalk';
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

it('shows every step with how it stands, and counts them', () => {
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
    '↺ a   restored 1.5s',
    '– bb  skipped',
    '⠋ c   1m 5s, attempt 2',
    '✖ d   failed 1.5s',
    '· e   waiting',
    '✔ f   done 1.5s',
    '4 of 6 steps · 1 running · 1 failed · 1m 5s',
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
    '✔ extract    done 1.5s',
    '⠋   split    0s',
    '·     train  waiting for split',
    '·   report   waiting',
    '– campaign   skipped',
    '2 of 5 steps · 1 running · 0s',
  ]);
});

it('never fills more than the screen, and keeps what runs, what failed and what is next', () => {
  const names = Array.from({ length: 1000 }, (_, i) => `step-${i}`);
  const tree = treeOf(
    names,
    ...names.slice(0, 500).map((name) => finished(name, 'succeeded')),
    finished('step-3', 'failed'),
    started('step-900'),
  );
  const lines = treeLines(tree, { nowMs: 0, columns: 30, rows: 5 }, chalk);
  expect(lines).toEqual([
    '✖ step-3    failed 1.5s',
    '· step-500  waiting',
    '· step-501  waiting',
    '⠋ step-900  0s',
    '500 of 1000 steps · 1 running',
  ]);
  for (const name of names.slice(500)) grow(tree, finished(name, 'succeeded'), 0);
  expect(treeLines(tree, { nowMs: 0, columns: 30, rows: 3 }, chalk).slice(0, 2)).toEqual([
    '✖ step-3    failed 1.5s',
    '✔ step-999  done 1.5s',
  ]);
  expect(treeLines(tree, { nowMs: 0, columns: 10, rows: 1 }, chalk)).toEqual(['1000 of 1']);
});
