import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { StepName } from '../../../src/domain/ids.js';
import type { Step } from '../../../src/domain/pipeline/pipeline.js';
import { inOrder, selectSteps } from '../../../src/execute/plan/select-steps.js';

const step = (name: string, dependsOn: readonly string[] = [], declaredName = name): Step =>
  ({ name: name as StepName, declaredName, dependsOn }) as unknown as Step;

const names = (steps: readonly Step[]): readonly string[] => steps.map((one) => one.name);

/** extract → prep@a, prep@b → train → report; lint stands alone. */
const STEPS = [
  step('report', ['train']),
  step('extract'),
  step('prep@k=a', ['extract'], 'prep'),
  step('prep@k=b', ['extract'], 'prep'),
  step('train', ['prep@k=a', 'prep@k=b']),
  step('lint'),
];

it('selects exactly these steps', () => {
  expect(names(selectSteps(STEPS, {}))).toEqual(names(STEPS));
  expect(names(selectSteps(STEPS, { until: 'train' }))).toEqual(['extract', 'prep@k=a', 'prep@k=b', 'train']);
  expect(names(selectSteps(STEPS, { until: 'prep@k=a' }))).toEqual(['extract', 'prep@k=a']);
  expect(names(selectSteps(STEPS, { from: 'prep' }))).toEqual(['report', 'prep@k=a', 'prep@k=b', 'train']);
  expect(names(selectSteps(STEPS, { from: 'prep@k=a', until: 'train' }))).toEqual(['prep@k=a', 'train']);
  expect(names(selectSteps(STEPS, { only: 'prep' }))).toEqual(['prep@k=a', 'prep@k=b']);
  expect(names(selectSteps(STEPS, { only: 'lint' }))).toEqual(['lint']);
});

it('orders by needs, ties in the order of the file', () => {
  expect(names(inOrder(STEPS))).toEqual(['extract', 'prep@k=a', 'prep@k=b', 'train', 'report', 'lint']);
  expect(names(inOrder([step('c', ['b']), step('a'), step('b')]))).toEqual(['a', 'b', 'c']);
  expect(() => inOrder([step('a', ['b']), step('b', ['a'])])).toThrow('cycle');
});

it('always takes the first step in the file that can run', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(), { maxLength: 3 }), { maxLength: 30 }), fc.nat(), (needs, seed) => {
      const made = needs.map((some, i) => step(`s${i}`, i === 0 ? [] : [...new Set(some.map((n) => `s${n % i}`))]));
      const turn = made.length === 0 ? 0 : seed % made.length;
      const steps = [...made.slice(turn), ...made.slice(0, turn)].reverse();
      const done = new Set<string>();
      for (const one of inOrder(steps)) {
        const first = steps.find((s) => !done.has(s.name) && s.dependsOn.every((name) => done.has(name)));
        expect(one.name).toBe(first?.name);
        done.add(one.name);
      }
      expect(done.size).toBe(steps.length);
    }),
  );
});

it('orders 30,000 steps quickly, also against the order of the file', () => {
  const steps = Array.from({ length: 30_000 }, (_, i) => step(`s${i}`, i === 29999 ? [] : [`s${i + 1}`]));
  const startedAt = performance.now();
  expect(inOrder(steps).length).toBe(30_000);
  expect(selectSteps(steps, { until: 's0' }).length).toBe(30_000);
  expect(selectSteps(steps, { from: 's29999' }).length).toBe(30_000);
  expect(performance.now() - startedAt).toBeLessThan(5000);
});
