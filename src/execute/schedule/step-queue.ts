import type { StepName } from '../../domain/ids.js';

/** A waiting step: its name, the steps it needs, and the resources it takes. */
export interface Waiting {
  readonly name: StepName;
  readonly dependsOn: readonly StepName[];
  readonly resources: Readonly<Record<string, number>>;
}

/** Available job slots and resources. A resource without a limit is not counted. */
export interface Limits {
  readonly jobs: number;
  readonly resources: Readonly<Record<string, number>>;
}

/** The queue of waiting steps. It decides which step is next, and starts nothing itself. */
export interface Line<T extends Waiting> {
  /**
   * Takes the next step that may start now and reserves its resources; `undefined` if none can start until another
   * ends.
   */
  readonly next: () => T | undefined;
  /** Frees the step's job slot and resources. */
  readonly release: (name: StepName) => void;
  /** Reports the outcome of a released step: on success, steps that waited only for it become ready. */
  readonly finish: (name: StepName, isGood: boolean) => void;
  /** How many steps are started and not finished. */
  readonly openCount: () => number;
  /** Steps never started, in the given order. */
  readonly waiting: () => readonly StepName[];
}

/**
 * First come, first served, by when a step became ready; ties in the given order. The first step that finds too few
 * resources reserves them: others may pass it only if enough would remain for it even if they ran for ever. So it
 * waits only for steps that were running when its turn came. Steps with equal demands share one queue, so one choice
 * costs as many checks as there are different demands, and the whole run is linear in the number of edges.
 */
export function createLine<T extends Waiting>(steps: readonly T[], limits: Limits): Line<T> {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const { dependents, missing } = edgesOf(steps, byName);
  const rows = new Map<string, Row<T>>();
  const started = new Set<StepName>();
  const running = new Map<StepName, { readonly demand: Demand; readonly passed: StepName | undefined }>();
  const ending = new Set<StepName>();
  const free = new Map(Object.entries(limits.resources));
  let first: First<T> | undefined;
  let tickets = 0;

  const getInLine = (step: T): void => {
    const demand = demandOf(step, limits);
    const key = JSON.stringify(demand);
    const row = rows.get(key) ?? { demand, queue: [], from: 0 };
    row.queue.push({ step, ticket: tickets++ });
    rows.set(key, row);
  };
  const start = (row: Row<T>, passed: StepName | undefined): T => {
    const { step } = headOf(row);
    row.from++;
    started.add(step.name);
    running.set(step.name, { demand: row.demand, passed });
    add(free, row.demand, -1);
    if (passed !== undefined && first !== undefined) add(first.left, row.demand, -1);
    if (first?.step === step) first = undefined;
    return step;
  };
  for (const step of steps) if (missing.get(step.name) === 0) getInLine(step);

  return {
    next: () => {
      if (running.size >= limits.jobs) return undefined;
      const inTurn = [...rows.values()]
        .filter((row) => row.from < row.queue.length)
        .sort((a, b) => headOf(a).ticket - headOf(b).ticket);
      for (const row of inTurn) {
        const { step } = headOf(row);
        const passed = first === undefined || first.step === step ? undefined : first.step.name;
        if (fits(free, row.demand)) {
          if (passed === undefined) return start(row, undefined);
          if (first !== undefined && mayPass(first, row.demand)) return start(row, passed);
        } else first ??= { step, own: new Map(row.demand), left: new Map(Object.entries(limits.resources)) };
      }
      return undefined;
    },
    release: (name) => {
      const ended = running.get(name);
      if (ended === undefined) throw new Error(`internal error: step ${name} ended without having started`);
      running.delete(name);
      ending.add(name);
      add(free, ended.demand, 1);
      if (ended.passed !== undefined && ended.passed === first?.step.name) add(first.left, ended.demand, 1);
    },
    finish: (name, isGood) => {
      if (!ending.delete(name)) throw new Error(`internal error: step ${name} is finished and was not released`);
      if (!isGood) return;
      for (const dependent of dependents.get(name) ?? []) {
        const left = (missing.get(dependent.name) ?? 0) - 1;
        missing.set(dependent.name, left);
        if (left === 0) getInLine(dependent);
      }
    },
    openCount: () => running.size + ending.size,
    waiting: () => steps.filter((step) => !started.has(step.name)).map((step) => step.name),
  };
}

type Demand = readonly (readonly [string, number])[];

/** `queue` is read from index `from` on, because removing the first element of an array is not free. */
interface Row<T> {
  readonly demand: Demand;
  readonly queue: { readonly step: T; readonly ticket: number }[];
  from: number;
}

/** The step with a reservation. `left`: the limits minus what the steps that passed it hold. */
interface First<T> {
  readonly step: T;
  readonly own: ReadonlyMap<string, number>;
  readonly left: Map<string, number>;
}

function headOf<T>(row: Row<T>): { readonly step: T; readonly ticket: number } {
  const head = row.queue[row.from];
  if (head === undefined) throw new Error('internal error: an empty row was asked for its head');
  return head;
}

/** Needs outside the selected steps count as met. */
function edgesOf<T extends Waiting>(steps: readonly T[], byName: ReadonlyMap<StepName, T>) {
  const dependents = new Map<StepName, T[]>();
  const missing = new Map<StepName, number>();
  for (const step of steps) {
    const needed = [...new Set(step.dependsOn)].filter((name) => byName.has(name));
    missing.set(step.name, needed.length);
    for (const name of needed) {
      const known = dependents.get(name);
      if (known === undefined) dependents.set(name, [step]);
      else known.push(step);
    }
  }
  return { dependents, missing };
}

/**
 * The part of a step's demand that has a limit. A demand above the limit would wait for ever; it is refused before
 * the run.
 */
function demandOf(step: Waiting, limits: Limits): Demand {
  const counted = Object.entries(step.resources)
    .filter(([name, amount]) => amount > 0 && Object.hasOwn(limits.resources, name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const over = counted.find(([name, amount]) => amount > (limits.resources[name] ?? 0));
  if (over !== undefined) throw new Error(`internal error: step ${step.name} asks for more ${over[0]} than there is`);
  return counted;
}

/** Fractions of a cpu do not add up exactly in floating point. */
const isWithin = (amount: number, left: number): boolean => amount - left <= 1e-9 * Math.max(1, amount);

const fits = (left: ReadonlyMap<string, number>, demand: Demand): boolean =>
  demand.every(([name, amount]) => isWithin(amount, left.get(name) ?? 0));

/** Job slots cannot starve, so only resources are reserved. */
const mayPass = <T>(first: First<T>, demand: Demand): boolean =>
  demand.every(([name, amount]) => isWithin(amount + (first.own.get(name) ?? 0), first.left.get(name) ?? 0));

function add(amounts: Map<string, number>, demand: Demand, sign: 1 | -1): void {
  for (const [name, amount] of demand) amounts.set(name, (amounts.get(name) ?? 0) + sign * amount);
}
