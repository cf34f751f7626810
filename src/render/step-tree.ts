import type { ChalkInstance } from 'chalk';
import type { RefitEvent } from '../domain/events.js';
import type { StepStatus } from '../domain/runs/run.js';
import { formatDuration } from '../domain/support/time.js';
import { isBad } from './progress.js';
import { placeSteps } from './step-order.js';

interface ShownStep {
  readonly status: StepStatus;
  /** Of the clock that the caller reads. */
  readonly startedMs?: number;
  readonly tookMs?: number;
  readonly attempt: number;
  readonly depth: number;
  readonly needs: readonly string[];
  /** Time of the next attempt. */
  readonly againMs?: number;
}

/** How far a run is, as events told it; nothing before and after one. */
export interface Tree {
  startedMs: number;
  steps: Map<string, ShownStep>;
  /** What is done besides the steps. */
  phase?: string;
}

export const emptyTree = (): Tree => ({ startedMs: 0, steps: new Map() });

/** Changes the tree in place: a copy for each event of thousands of steps would be felt. */
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
        attempt: event.attempt,
        depth,
        needs,
      }));
      break;
    case 'step-retrying':
      change(event.step, (before) => ({ ...before, againMs: nowMs + event.delayMs }));
      break;
    case 'step-finished':
      change(event.step, ({ attempt, depth, needs }) => ({
        status: event.status,
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
  /** Lines there are for the tree. */
  readonly rows: number;
}

const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const FRAME_MS = 100;

/**
 * The tree as lines, none wider and together no more than the screen. Where not all steps fit, the ones that matter
 * stay: failed, running, next; a last line counts them all.
 */
export function treeLines(tree: Tree, screen: Screen, chalk: ChalkInstance): readonly string[] {
  const spinner = SPINNER[Math.floor(screen.nowMs / FRAME_MS) % SPINNER.length] ?? '';
  if (tree.steps.size === 0)
    return tree.phase === undefined ? [] : [cut(`${spinner} ${tree.phase} …`, screen.columns, chalk.dim)];
  const names = [...tree.steps.keys()];
  const room = Math.max(0, screen.rows - 1);
  const chosen = names.length <= room ? names : mostTelling(tree, room);
  const shown = (name: string): string => indent(tree.steps.get(name)?.depth ?? 0) + name;
  const width = Math.max(...chosen.map((name) => shown(name).length), 0);
  const line = (name: string): string => {
    const step = tree.steps.get(name);
    return step === undefined
      ? ''
      : stepLine(shown(name).padEnd(width), step, { ...screen, spinner, missing: missing(tree, step) }, chalk);
  };
  return [...chosen.map(line), cut(countLine(tree, screen.nowMs), screen.columns, chalk.dim)].slice(-screen.rows);
}

/** Deeper than this the way there is no longer drawn: names need the columns. */
const DEEPEST = 8;
const indent = (depth: number): string => '  '.repeat(Math.min(depth, DEEPEST));

/** What a step still waits for. */
const missing = ({ steps }: Tree, step: ShownStep): readonly string[] =>
  step.status === 'pending' ? step.needs.filter((name) => !isGood(steps.get(name)?.status)) : [];

const isGood = (status: StepStatus | undefined): boolean =>
  status === 'succeeded' || status === 'restored' || status === 'skipped';

function mostTelling({ steps }: Tree, room: number): readonly string[] {
  const done = 3;
  const rank = (status: StepStatus): number =>
    status === 'running' ? 0 : isBad(status) ? 1 : status === 'pending' ? 2 : done;
  const all = [...steps].map(([name, { status }], at) => ({ name, at, rank: rank(status) }));
  // of those that are done the last ones
  const first = all.sort((a, b) => a.rank - b.rank || (a.rank === done ? b.at - a.at : a.at - b.at)).slice(0, room);
  return first.sort((a, b) => a.at - b.at).map(({ name }) => name);
}

function stepLine(
  name: string,
  step: ShownStep,
  { nowMs, columns, spinner, missing }: Screen & { readonly spinner: string; readonly missing: readonly string[] },
  chalk: ChalkInstance,
): string {
  const attempt = step.attempt > 1 ? `, attempt ${step.attempt}` : '';
  const took = step.tookMs === undefined ? '' : ` ${formatDuration(step.tookMs)}`;
  switch (step.status) {
    case 'pending':
      return cut(`· ${name}  waiting${missing.length === 0 ? '' : ` for ${missing.join(', ')}`}`, columns, chalk.dim);
    case 'running': {
      const elapsed = wholeSeconds(nowMs - (step.startedMs ?? nowMs));
      const again = step.againMs === undefined ? '' : `, again in ${wholeSeconds(Math.max(0, step.againMs - nowMs))}`;
      return cut(`${spinner} ${name}  ${elapsed}${attempt}${again}`, columns, chalk.cyan);
    }
    case 'succeeded':
      return cut(`✔ ${name}  done${took}${attempt}`, columns, chalk.green);
    case 'restored':
      return cut(`↺ ${name}  restored${took}`, columns, chalk.green);
    case 'skipped':
      return cut(`– ${name}  skipped`, columns, chalk.dim);
    default:
      return cut(`✖ ${name}  ${step.status}${took}${attempt}`, columns, chalk.red);
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

/** A line that wraps would be two: the next drawing could not take it away. */
const cut = (text: string, columns: number, paint: (text: string) => string): string =>
  paint([...text].slice(0, Math.max(1, columns - 1)).join(''));
