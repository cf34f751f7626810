import { describe, expect, it } from 'vitest';
import type { Trigger } from '../../../../src/domain/pipeline/pipeline.js';
import { toIso } from '../../../../src/domain/support/time.js';
import { hour, measure } from './measure.js';

describe('command', () => {
  const trigger: Trigger = { kind: 'command', command: { kind: 'argv', words: [] } };
  const key = JSON.stringify({ kind: 'argv', words: [] });

  it('fires with exit code 0 alone', () => {
    expect(measure(trigger, { commands: { [key]: 0 } })).toMatchObject({
      state: 'fired',
      measured: 0,
      threshold: 0,
      detail: 'it exited with 0',
    });
    expect(measure(trigger, { commands: { [key]: 1 } })).toMatchObject({ state: 'not-fired', measured: 1 });
  });

  it('is undecided where it could not be run', () => {
    expect(measure(trigger)).toMatchObject({ state: 'undecided', detail: 'it was not run' });
    expect(measure(trigger, { commands: { [key]: 'timed out' } })).toMatchObject({
      state: 'undecided',
      detail: 'timed out',
    });
  });
});

describe('code_change, event and upstream', () => {
  it('fires for the code that changed, and names at most five files', () => {
    const codeChanges = Array.from({ length: 7 }, (_, i) => ({ what: `f${i}`, hash: String(i) }));
    const code: Trigger = { kind: 'code_change' };
    expect(measure(code, { codeChanges })).toMatchObject({
      state: 'fired',
      measured: 7,
      threshold: 1,
      detail: 'changed: f0, f1, f2, f3, f4',
    });
    expect(measure(code)).toMatchObject({ state: 'not-fired', detail: "code and commands are the champion's" });
    expect(measure(code, { codeChanges: 'no git' })).toMatchObject({ state: 'undecided', detail: 'no git' });
    const ids = [3, 4].map((championVersion) => measure(code, { codeChanges, championVersion }).ids?.[0]);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('counts every pending event of its name, since the first', () => {
    const events = {
      landed: [
        { key: 'a', at: hour(1) },
        { key: 'b', at: hour(2) },
      ],
    };
    expect(measure({ kind: 'event', name: 'landed' }, { events })).toMatchObject({
      state: 'fired',
      measured: 2,
      threshold: 1,
      since: hour(1),
      detail: `landed a, b, since ${toIso(hour(1))}`,
      ids: ['event:landed:a', 'event:landed:b'],
    });
    expect(measure({ kind: 'event', name: 'other' }, { events })).toMatchObject({
      state: 'not-fired',
      measured: 0,
      since: undefined,
      detail: 'no other since the last training',
    });
  });

  it('fires for a promotion after the one that is known, not for that one', () => {
    const upstream = { base: { generation: 3, version: 7, at: hour(2), known: 2 } };
    const trigger: Trigger = { kind: 'upstream', model: 'base' };
    expect(measure(trigger, { upstream })).toMatchObject({
      state: 'fired',
      measured: 'base@7',
      since: hour(2),
      detail: `base@7 serves since ${toIso(hour(2))}`,
      ids: [expect.stringMatching(/:base:3$/)],
    });
    expect(measure(trigger, { upstream: { base: { ...upstream.base, known: 3 } } })).toMatchObject({
      state: 'not-fired',
      since: undefined,
      detail: 'base@7 served already at the last training',
    });
    expect(measure(trigger)).toMatchObject({ state: 'undecided', detail: 'it was not measured' });
    expect(measure(trigger, { upstream: { base: 'no such model' } })).toMatchObject({ detail: 'no such model' });
  });
});
