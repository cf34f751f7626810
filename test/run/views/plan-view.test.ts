import { expect, it } from 'vitest';
import type { Reason } from '../../../src/domain/pipeline/plan.js';
import { reasonTexts } from '../../../src/run/views/plan-view.js';

const inputs = (count: number): readonly Reason[] =>
  Array.from({ length: count }, (_, i) => ({ code: 'input-changed', detail: `data/${i}.csv`, after: 'ab12' }));
const command: Reason = { code: 'command-changed', detail: 'command' };

it('names five reasons of a kind, and counts the others', () => {
  expect(reasonTexts([...inputs(6), command])).toHaveLength(7);
  const many = reasonTexts([...inputs(75), command]);
  expect(many).toHaveLength(7);
  expect(many[0]).toBe('input-changed data/0.csv: nothing → ab12');
  expect(many.slice(5)).toEqual(['input-changed 70 more', 'command-changed command']);
});
