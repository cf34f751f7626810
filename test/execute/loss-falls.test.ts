import { expect, it } from 'vitest';
import { lossCourses } from '../../src/execute/metrics/loss-falls.js';

const course = (key: string, values: readonly number[]) => values.map((value, step) => ({ key, step, value }));

it('compares the means of the first and the last fifth, in the order of the steps', () => {
  const loss = course('train.loss', [9, 7, 5, 5, 4, 4, 3, 3, 2, 0]);
  expect(lossCourses([...loss].reverse())).toEqual([{ metric: 'train.loss', first: 8, last: 1 }]);
  expect(lossCourses(course('log_loss', [3, 1, 2]))).toEqual([{ metric: 'log_loss', first: 3, last: 2 }]);
  expect(lossCourses([...course('auc', [1, 2]), ...course('loss', [1]), { key: 'loss', value: 2 }])).toEqual([]);
});
