import type { ChalkInstance } from 'chalk';
import type { RefitEvent } from '../domain/events.js';
import type { StepStatus } from '../domain/runs/run.js';
import { formatDuration } from '../domain/support/time.js';
import { expectationText } from './expectation.js';
import { cutToColumns, padToColumns, widest } from './parts/width.js';
import { isBad } from './progress.js';
import { placeSteps } from './step-order.js';

interface ShownStep {
  readonly status: StepStatus;
  /** Read from the caller's monotonic clock. */
  readonly startedMs?: number;
  readonly tookMs?: number;
  readonly attempt: number;
  readonly depth: number;
  readonly needs: readonly string[];
  /** Time of the next attempt. */
  readonly againMs?: number;
  /** How long an attempt usually takes, and when this one started. */
  readonly usualMs?: number;
  readonly attemptStartedMs?: number;
}

/** How far a run is, according to its events. Empty before and after a run. */
export interface Tree {
  startedMs: number;
  steps: Map<string, ShownStep>;
  /** Work outside the steps, such as checking data. */
  phase?: string;
}

export const emptyTree = (): Tree => ({ startedMs: 0, steps: new Map() });

/** Changes the tree in place: copying thousands of steps for every event would be slow. */
export function grow(tree: Tree, event: RefitEvent, nowMs: number): void {
  const change = (name: string, changed: (before: ShownStep) => ShownStep): void =>
    void tree.steps.set(name, changed(tree.steps.get(name) ?? WAITING));
  switch (event.type) {
    case 'run-started':
      tree.startedMs = nowMs;
      tree.steps = new Map(
        placeSteps(event.steps).map(({ name, depth, needs }) => [name, { ...WAITING, depth, needs }]),
      );
      break;
    case 'step-started':
      change(event.step, ({ depth, needs, startedMs = nowMs }) => ({
        status: 'running',
        startedMs,
        attemptStartedMs: nowMs,
        attempt: event.attempt,
        depth,
        needs,
      }));
      break;
    case 'step-expected':
      change(event.step, (before) => ({ ...before, usualMs: event.usualMs }));
      break;
    case 'step-retrying':
      change(event.step, (before) => ({ ...before, usualMs: undefined, againMs: nowMs + event.delayMs }));
      break;
    case 'step-finished':
      change(event.step, ({ attempt, depth, needs, usualMs }) => ({
        status: event.status,
        usualMs,
        tookMs: event.durationMs,
        attempt,
        depth,
        needs,
      }));
      break;
    case 'phase':
      tree.phase = event.text;
      break;
    default:
  }
}

const WAITING: ShownStep = { status: 'pending', attempt: 0, depth: 0, needs: [] };

export interface Screen {
  readonly nowMs: number;
  readonly columns: number;
  /** How many lines the drawing may have. */
  readonly rows: number;
}

/** Columns of the spinner, which stands before the first line. */
const SPINNER_COLUMNS = 2;

/**
 * The drawing as lines: a line that counts the steps, the running steps, then the other steps as a tree. No line is wider than
 * the screen. When not all steps fit, the running, failed and next ones are shown. No lines when there is nothing to show.
 */
export function treeLines(tree: Tree, screen: Screen, chalk: ChalkInstance): readonly string[] {
  const first = { columns: screen.columns - SPINNER_COLUMNS, paint: chalk.dim };
  if (tree.steps.size === 0) return tree.phase === undefined ? [] : [cut(`${tree.phase} …`, first)];
  const chosen = chooseSteps(tree, screen.rows - 1);
  const width = widest(chosen.map(({ label }) => label));
  const lines = chosen.map(({ label, step }) => stepLine(padToColumns(label, width), step, { tree, screen, chalk }));
  return [cut(countLine(tree, screen.nowMs), first), ...lines];
}

interface ChosenStep {
  readonly label: string;
  readonly step: ShownStep;
}

/** The steps that are drawn, at most `room`. */
function chooseSteps({ steps }: Tree, room: number): readonly ChosenStep[] {
  const all = [...steps].map(([name, step], at) => ({ name, step, at }));
  const chosen = all.length <= room ? all : mostRelevant(all).slice(0, Math.max(0, room));
  const running = chosen.filter(({ step }) => step.status === 'running');
  const others = chosen.filter(({ step }) => step.status !== 'running').sort((a, b) => a.at - b.at);
  return [
    ...running.map(({ name, step }) => ({ label: name, step })),
    ...others.map(({ name, step }) => ({ label: indent(step.depth) + name, step })),
  ];
}

/** Running steps first, then failed, then waiting, then finished ones; of the finished ones the latest first. */
function mostRelevant<T extends { readonly step: ShownStep; readonly at: number }>(all: readonly T[]): readonly T[] {
  const done = 3;
  const rank = ({ step: { status } }: T): number =>
    status === 'running' ? 0 : isBad(status) ? 1 : status === 'pending' ? 2 : done;
  return [...all].sort((a, b) => rank(a) - rank(b) || (rank(a) === done ? b.at - a.at : a.at - b.at));
}

/** Deeper levels are not indented further, because names need the columns. */
const DEEPEST = 8;
const indent = (depth: number): string => '  '.repeat(Math.min(depth, DEEPEST));

/** The needed steps that have not succeeded yet. */
const missing = ({ steps }: Tree, step: ShownStep): readonly string[] =>
  step.status === 'pending' ? step.needs.filter((name) => !isGood(steps.get(name)?.status)) : [];

const isGood = (status: StepStatus | undefined): boolean =>
  status === 'succeeded' || status === 'restored' || status === 'skipped';

interface Drawing {
  readonly tree: Tree;
  readonly screen: Screen;
  readonly chalk: ChalkInstance;
}

function stepLine(label: string, step: ShownStep, { tree, screen: { nowMs, columns }, chalk }: Drawing): string {
  const line = (symbol: string, text: string, paint: (text: string) => string): string =>
    cut(`${symbol} ${label}  ${text}`, { columns, paint });
  const attempt = step.attempt > 1 ? `, attempt ${step.attempt}` : '';
  const took = step.tookMs === undefined ? '' : ` ${formatDuration(step.tookMs)}`;
  switch (step.status) {
    case 'pending': {
      const names = missing(tree, step);
      return line('·', `waiting${names.length === 0 ? '' : ` for ${names.join(', ')}`}`, chalk.dim);
    }
    case 'running': {
      const elapsed = wholeSeconds(nowMs - (step.startedMs ?? nowMs));
      const again = step.againMs === undefined ? '' : `, again in ${wholeSeconds(Math.max(0, step.againMs - nowMs))}`;
      const usual =
        step.usualMs === undefined || step.attemptStartedMs === undefined
          ? ''
          : `, ${expectationText(nowMs - step.attemptStartedMs, step.usualMs)}`;
      return line('▸', `${elapsed}${usual}${attempt}${again}`, chalk.cyan);
    }
    case 'succeeded':
      return line('✔', `done${took}${attempt}`, chalk.green);
    case 'restored':
      return line('↺', `restored${took}`, chalk.green);
    case 'skipped':
      return line('–', 'skipped', chalk.dim);
    default:
      return line('✖', `${step.status}${took}${attempt}`, chalk.red);
  }
}

function countLine({ steps, startedMs }: Tree, nowMs: number): string {
  const all = [...steps.values()];
  const count = (isOne: (status: StepStatus) => boolean, word: string): string => {
    const number = all.filter(({ status }) => isOne(status)).length;
    return number === 0 ? '' : `${number} ${word}`;
  };
  const ended = all.filter(({ status }) => status !== 'pending' && status !== 'running').length;
  const parts = [
    `${ended} of ${all.length} steps`,
    count((status) => status === 'running', 'running'),
    count(isBad, 'failed'),
    wholeSeconds(nowMs - startedMs),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

const wholeSeconds = (ms: number): string => formatDuration(Math.floor(ms / 1000) * 1000).replace(/^0ms$/, '0s');

interface Cut {
  readonly columns: number;
  readonly paint: (text: string) => string;
}

/** Leaves one column free, because some terminals wrap a line that fills the last one. */
const cut = (text: string, { columns, paint }: Cut): string => paint(cutToColumns(text, Math.max(1, columns - 1)));
