import { describe, expect, it } from 'vitest';
import type { Trigger } from '../../../../src/domain/pipeline/pipeline.js';
import { DAY_MS, instantOf, toIso } from '../../../../src/domain/support/time.js';
import { hour, measure, stateOf } from './measure.js';

describe('schedule', () => {
  const hourly: Trigger = { kind: 'schedule', cron: '0 * * * *', timezone: 'UTC' };

  it('is due at exactly its time, not a millisecond before', () => {
    expect(stateOf(hourly, { lastTrainedAt: hour(999), now: hour(1000) })).toBe('fired');
    expect(stateOf(hourly, { lastTrainedAt: hour(999), now: instantOf(hour(1000) - 1) })).toBe('not-fired');
  });

  it('is not due again at the time of the last training', () => {
    expect(stateOf(hourly, { lastTrainedAt: hour(1000), now: hour(1000) })).toBe('not-fired');
  });

  it('says the first time that was missed, and the last where there are more', () => {
    expect(measure(hourly, { lastTrainedAt: hour(999), now: hour(1000) })).toMatchObject({
      threshold: '0 * * * * UTC',
      measured: toIso(hour(1000)),
      detail: `was due ${toIso(hour(1000))}`,
      ids: [expect.stringContaining(toIso(hour(1000)))],
    });
    expect(measure(hourly, { lastTrainedAt: hour(990), now: hour(1000) })).toMatchObject({
      measured: toIso(hour(991)),
      detail: `was due ${toIso(hour(991))}, last ${toIso(hour(1000))}`,
      ids: [expect.stringContaining(toIso(hour(1000)))],
    });
    expect(measure(hourly, { lastTrainedAt: hour(1000), now: hour(1000) }).detail).toBe(`is due ${toIso(hour(1001))}`);
  });

  it('is undecided before the first training', () => {
    expect(measure(hourly)).toMatchObject({ state: 'undecided', detail: 'nothing was trained yet' });
  });

  it('never fires for a time that never comes', () => {
    const never: Trigger = { kind: 'schedule', cron: '0 0 30 2 *', timezone: 'UTC' };
    expect(measure(never, { lastTrainedAt: hour(999) })).toMatchObject({ state: 'not-fired' });
  });
});

describe('max_age', () => {
  const trigger: Trigger = { kind: 'max_age', ageMs: 7 * DAY_MS };
  const trained = (ms: number) => ({ championTrainedAt: instantOf(hour(1000) - ms) });

  it('fires at exactly the age, not a millisecond before', () => {
    expect(stateOf(trigger, trained(7 * DAY_MS))).toBe('fired');
    expect(stateOf(trigger, trained(7 * DAY_MS - 1))).toBe('not-fired');
    expect(measure(trigger, trained(8 * DAY_MS))).toMatchObject({
      measured: '8d',
      threshold: '7d',
      detail: 'the champion was trained 8d ago',
    });
  });

  it('is undecided without a champion', () => {
    expect(measure(trigger)).toMatchObject({ state: 'undecided', detail: 'there is no champion' });
  });
});
