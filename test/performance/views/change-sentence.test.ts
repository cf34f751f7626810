import { expect, it } from 'vitest';
import type { Change } from '../../../src/domain/data/detector.js';
import { changeSentence } from '../../../src/performance/views/change-sentence.js';

const level = (value: number) => ({ value, lower: value - 0.01, upper: value + 0.01, items: 5000 });
const change: Change = {
  form: 'sudden',
  since: { index: 6003, lower: 5990, upper: 6020 },
  before: level(0.1012),
  after: level(0.3987),
};

it('describes each form in one sentence', () => {
  expect(changeSentence(change, { kind: 'real' })).toBe(
    'The error rose suddenly from 0.101 to 0.399, since row 6003 (between row 5990 and row 6020): alike inputs now have other labels, so the model is out of date.',
  );
  expect(changeSentence({ ...change, form: 'gradual', until: 8000 }, { subject: 'log loss' })).toBe(
    'The log loss rose gradually from 0.101 to 0.399, since row 6003 (between row 5990 and row 6020) until row 8000.',
  );
  expect(changeSentence({ ...change, form: 'incremental' }, { at: (index) => `day ${index / 1000}` })).toContain(
    'and it is still moving.',
  );
  expect(changeSentence({ ...change, form: 'recurring', returnedTo: { name: 'winter' }, before: level(0.5) })).toMatch(
    /^The error fell from 0\.5 to 0\.399, .* back to the level of winter\.$/,
  );
  expect(changeSentence({ ...change, form: 'blip', until: 6100, during: level(0.7), after: level(0.1) })).toContain(
    'left its level of 0.101 for 0.7 at row 6003',
  );
});
