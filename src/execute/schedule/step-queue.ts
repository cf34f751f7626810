import type { StepName } from '../../domain/ids.js';
import { createReadySteps } from './ready-steps.js';
import { createResources, demandOf } from './reserve-resources.js';

/** A waiting step: its name, the steps it needs, and the resources it takes. */
export interface Waiting {
  readonly name: StepName;
  readonly dependsOn: readonly StepName[];
  readonly resources: Readonly<Record<string, number>>;
  /** It takes no job slot of this machine. */
  readonly isElsewhere?: boolean;
}

/** Available job slots and resources. A resource without a limit is not counted. */
export interface Limits {
  readonly jobs: number;
  readonly jobsElsewhere?: number;
  readonly resources: Readonly<Record<string, number>>;
}

/** The queue of waiting steps. It decides which step is next, and starts nothing itself. */
export interface StepQueue<T extends Waiting> {
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
 * First come, first served, by when a step became ready; ties in the given order. A step may pass the first one only if
 * the resources that the first has reserved remain for it (see `createResources`). The whole run is linear in the number
 * of edges.
 */
export function createStepQueue<T extends Waiting>(steps: readonly T[], limits: Limits): StepQueue<T> {
  const { dependents, missing } = edgesOf(steps);
  const ready = createReadySteps<T>();
  const resources = createResources(limits.resources);
  const started = new Set<StepName>();
  const running = new Map<StepName, T>();
  const slots = createSlots(limits);
  const ending = new Set<StepName>();
  const becomeReady = (step: T): void => ready.add(step, demandOf(step, limits.resources), step.isElsewhere);
  for (const step of steps) if (missing.get(step.name) === 0) becomeReady(step);

  return {
    next: () => {
      if (slots.areTaken()) return undefined;
      const step = ready.takeFirst((one, demand) => slots.isFree(one) && resources.grant(one.name, demand));
      if (step === undefined) return undefined;
      started.add(step.name);
      running.set(step.name, step);
      slots.take(step);
      return step;
    },
    release: (name) => {
      const step = running.get(name);
      if (step === undefined) throw new Error(`internal error: step ${name} ended without having started`);
      running.delete(name);
      slots.free(step);
      ending.add(name);
      resources.release(name);
    },
    finish: (name, isGood) => {
      if (!ending.delete(name)) throw new Error(`internal error: step ${name} is finished and was not released`);
      if (!isGood) return;
      for (const dependent of dependents.get(name) ?? []) {
        const left = (missing.get(dependent.name) ?? 0) - 1;
        missing.set(dependent.name, left);
        if (left === 0) becomeReady(dependent);
      }
    },
    openCount: () => running.size + ending.size,
    waiting: () => steps.filter((step) => !started.has(step.name)).map((step) => step.name),
  };
}

/** Job slots of this machine and elsewhere, counted apart. */
function createSlots({ jobs, jobsElsewhere = 0 }: Limits) {
  const left = { here: jobs, elsewhere: jobsElsewhere };
  const placeOf = ({ isElsewhere }: Pick<Waiting, 'isElsewhere'>): keyof typeof left =>
    isElsewhere === true ? 'elsewhere' : 'here';
  return {
    areTaken: (): boolean => left.here <= 0 && left.elsewhere <= 0,
    isFree: (step: Waiting): boolean => left[placeOf(step)] > 0,
    take: (step: Waiting): void => {
      left[placeOf(step)] -= 1;
    },
    free: (step: Waiting): void => {
      left[placeOf(step)] += 1;
    },
  };
}

/** The dependents of each step, and how many steps each still needs. Needs outside the selected steps count as met. */
function edgesOf<T extends Waiting>(steps: readonly T[]) {
  const names = new Set(steps.map((step) => step.name));
  const dependents = new Map<StepName, T[]>();
  const missing = new Map<StepName, number>();
  for (const step of steps) {
    const needed = [...new Set(step.dependsOn)].filter((name) => names.has(name));
    missing.set(step.name, needed.length);
    for (const name of needed) {
      const known = dependents.get(name);
      if (known === undefined) dependents.set(name, [step]);
      else known.push(step);
    }
  }
  return { dependents, missing };
}
