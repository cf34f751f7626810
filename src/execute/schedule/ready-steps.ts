import type { StepName } from '../../domain/ids.js';
import type { Demand } from './reserve-resources.js';

/** Ready steps of equal demand. `steps` is read from index `from` on, because removing the first element is not free. */
interface Row<T> {
  readonly demand: Demand;
  readonly steps: { readonly step: T; readonly ticket: number }[];
  from: number;
}

export interface ReadySteps<T> {
  /** `isElsewhere`: it waits for other job slots than the rest. */
  readonly add: (step: T, demand: Demand, isElsewhere?: boolean) => void;
  /** Takes the first step, by when it became ready, that `mayStart` lets start. */
  readonly takeFirst: (mayStart: (step: T, demand: Demand) => boolean) => T | undefined;
}

/** Steps with equal demands share a row, so one choice costs as many checks as there are different demands. */
export function createReadySteps<T extends { readonly name: StepName }>(): ReadySteps<T> {
  const rows = new Map<string, Row<T>>();
  let tickets = 0;
  return {
    add: (step, demand, isElsewhere = false) => {
      const key = JSON.stringify([demand, isElsewhere]);
      const row = rows.get(key) ?? { demand, steps: [], from: 0 };
      row.steps.push({ step, ticket: tickets++ });
      rows.set(key, row);
    },
    takeFirst: (mayStart) => {
      const heads = [...rows.values()]
        .flatMap((row) => {
          const head = row.steps[row.from];
          return head === undefined ? [] : [{ row, ...head }];
        })
        .sort((a, b) => a.ticket - b.ticket);
      for (const { row, step } of heads) {
        if (!mayStart(step, row.demand)) continue;
        row.from++;
        return step;
      }
      return undefined;
    },
  };
}
