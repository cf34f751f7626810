import { describe, expect, it } from 'vitest';
import type { NewDataSince } from '../../../../src/domain/decisions/measurements.js';
import type { RunId } from '../../../../src/domain/ids.js';
import type { Trigger } from '../../../../src/domain/pipeline/pipeline.js';
import { measure, stateOf } from './measure.js';

describe('new_data', () => {
  const since = (rows: number, labels?: number): NewDataSince => ({
    training: { rows, files: 2, bytes: 30, labels, run: 'r-1' as RunId },
    champion: 'the champion has no recorded data',
  });

  it.each([
    ['rows', 100, 100],
    ['files', 2, 2],
    ['bytes', 30, 30],
  ] as const)('fires at exactly the number of %s, not below it', (unit, limit, is) => {
    const newData = { d: since(100) };
    expect(measure({ kind: 'new_data', dataset: 'd', [unit]: limit }, { newData })).toMatchObject({
      state: 'fired',
      measured: is,
      threshold: limit,
      detail: `${is} new ${unit} of d since the last training`,
    });
    expect(stateOf({ kind: 'new_data', dataset: 'd', [unit]: limit + 1 }, { newData })).toBe('not-fired');
  });

  it('fires where one of several limits is reached, and says which', () => {
    const newData = { d: since(100) };
    expect(measure({ kind: 'new_data', dataset: 'd', rows: 500, files: 2 }, { newData })).toMatchObject({
      state: 'fired',
      measured: 2,
      threshold: 2,
    });
    expect(measure({ kind: 'new_data', dataset: 'd', rows: 500, files: 9 }, { newData })).toMatchObject({
      state: 'not-fired',
      measured: 100,
      threshold: 500,
    });
  });

  it.each([
    ['nothing was measured', { kind: 'new_data', dataset: 'd', rows: 1 }, {}, 'dataset d: it was not measured'],
    ['it failed', { kind: 'new_data', dataset: 'd', rows: 1 }, { d: 'unreadable' }, 'dataset d: unreadable'],
    [
      'labels were not counted',
      { kind: 'new_data', labels: 1 },
      { '': since(1) },
      'no training has recorded how many labels there were',
    ],
  ] as const)('is undecided where %s', (_, trigger, newData, detail) => {
    expect(measure(trigger, { newData })).toMatchObject({ state: 'undecided', detail });
  });

  it('is undecided as a level where nothing is known of the champion', () => {
    const level = { kind: 'new_data', dataset: 'd', rows: 1, fires: 'level' } as const;
    expect(measure(level, { newData: { d: since(100) } })).toMatchObject({
      state: 'undecided',
      detail: 'dataset d: the champion has no recorded data',
    });
  });

  it('is the same occasion until something is trained', () => {
    const trigger: Trigger = { kind: 'new_data', dataset: 'd', rows: 1 };
    const [one, two] = [100, 200].map((rows) => measure(trigger, { newData: { d: since(rows) } }).ids);
    expect(one).toEqual([expect.stringMatching(/^new_data:[0-9a-f]{8}:r-1$/)]);
    expect(two).toEqual(one);
  });
});
