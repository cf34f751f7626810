import type { StepName } from '../../domain/ids.js';

/** Amounts by the name of the resource, sorted by name. */
export type Demand = readonly (readonly [string, number])[];

/** The step with a reservation. `left`: the limits minus what the steps that passed it hold. */
interface Reservation {
  readonly name: StepName;
  readonly own: ReadonlyMap<string, number>;
  readonly left: Map<string, number>;
}

export interface Resources {
  /** Takes the step's resources if it may start now. Ask in the order in which steps became ready. */
  readonly grant: (name: StepName, demand: Demand) => boolean;
  readonly release: (name: StepName) => void;
}

/**
 * Counts free resources. The first step that finds too few reserves them: others may pass it only if enough would remain
 * for it even if they ran for ever. So it waits only for steps that were running when its turn came.
 */
export function createResources(limits: Readonly<Record<string, number>>): Resources {
  const free = new Map(Object.entries(limits));
  const granted = new Map<StepName, { readonly demand: Demand; readonly passed: StepName | undefined }>();
  let first: Reservation | undefined;
  return {
    grant: (name, demand) => {
      if (!fits(free, demand)) {
        first ??= { name, own: new Map(demand), left: new Map(Object.entries(limits)) };
        return false;
      }
      const passed = first?.name === name ? undefined : first;
      if (passed !== undefined && !mayPass(passed, demand)) return false;
      add(free, demand, -1);
      granted.set(name, { demand, passed: passed?.name });
      if (passed === undefined) first = undefined;
      else add(passed.left, demand, -1);
      return true;
    },
    release: (name) => {
      const ended = granted.get(name);
      if (ended === undefined) throw new Error(`internal error: step ${name} holds no resources`);
      granted.delete(name);
      add(free, ended.demand, 1);
      if (first !== undefined && first.name === ended.passed) add(first.left, ended.demand, 1);
    },
  };
}

/**
 * The part of a step's demand that has a limit. A demand above the limit would wait for ever; it is refused before
 * the run.
 */
export function demandOf(
  step: { readonly name: StepName; readonly resources: Readonly<Record<string, number>> },
  limits: Readonly<Record<string, number>>,
): Demand {
  const counted = Object.entries(step.resources)
    .filter(([name, amount]) => amount > 0 && Object.hasOwn(limits, name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const over = counted.find(([name, amount]) => amount > (limits[name] ?? 0));
  if (over !== undefined) throw new Error(`internal error: step ${step.name} asks for more ${over[0]} than there is`);
  return counted;
}

/** Fractions of a cpu do not add up exactly in floating point. */
const isWithin = (amount: number, left: number): boolean => amount - left <= 1e-9 * Math.max(1, amount);

const fits = (left: ReadonlyMap<string, number>, demand: Demand): boolean =>
  demand.every(([name, amount]) => isWithin(amount, left.get(name) ?? 0));

/** Job slots cannot starve, so only resources are reserved. */
const mayPass = (first: Reservation, demand: Demand): boolean =>
  demand.every(([name, amount]) => isWithin(amount + (first.own.get(name) ?? 0), first.left.get(name) ?? 0));

function add(amounts: Map<string, number>, demand: Demand, sign: 1 | -1): void {
  for (const [name, amount] of demand) amounts.set(name, (amounts.get(name) ?? 0) + sign * amount);
}
