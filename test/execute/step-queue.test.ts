import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StepName } from '../../src/domain/ids.js';
import { createStepQueue, type StepQueue, type Waiting } from '../../src/execute/schedule/step-queue.js';

const waiting = (name: string, resources: Waiting['resources'] = {}, dependsOn: readonly string[] = []): Waiting => ({
  name: name as StepName,
  dependsOn: dependsOn as readonly StepName[],
  resources,
});

const startAll = (queue: StepQueue<Waiting>): string[] => {
  const names: string[] = [];
  for (let step = queue.next(); step !== undefined; step = queue.next()) names.push(step.name);
  return names;
};

const end = (queue: StepQueue<Waiting>, name: string, isGood = true): void => {
  queue.release(name as StepName);
  queue.finish(name as StepName, isGood);
};

/** Graphs without a cycle: a step needs earlier ones only. Demands stay within the limits. */
const LIMITS = { jobs: 3, resources: { cpus: 4, gpus: 2, license: 1, tenth: 1 } };
const graphs = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat({ max: 40 }), { maxLength: 3 }),
      cpus: fc.nat({ max: 4 }),
      gpus: fc.nat({ max: 2 }),
      license: fc.nat({ max: 1 }),
      tenth: fc.constantFrom(0, 0.1, 0.3, 0.7, 1),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((drafts) =>
    drafts.map(({ needs, ...resources }, i) =>
      waiting(`s${i}`, resources, i === 0 ? [] : [...new Set(needs.map((need) => `s${need % i}`))]),
    ),
  );

describe('the queue of waiting steps', () => {
  it('runs every step after those it needs and within the limits, in whatever order steps end', () => {
    fc.assert(
      fc.property(graphs, fc.array(fc.nat(), { minLength: 1, maxLength: 60 }), (steps, choices) => {
        const byName = new Map(steps.map((step) => [step.name, step]));
        const queue = createStepQueue(steps, LIMITS);
        const running: Waiting[] = [];
        const released: Waiting[] = [];
        const done = new Set<string>();
        for (let turn = 0; turn <= 3 * steps.length; turn++) {
          for (let step = queue.next(); step !== undefined; step = queue.next()) {
            expect(step.dependsOn.every((name) => done.has(name))).toBe(true);
            running.push(step);
            expect(running.length).toBeLessThanOrEqual(LIMITS.jobs);
            for (const [name, limit] of Object.entries(LIMITS.resources)) {
              const taken = running.reduce((sum, one) => sum + (one.resources[name] ?? 0), 0);
              expect(taken).toBeLessThanOrEqual(limit + 1e-9);
            }
          }
          expect(queue.openCount()).toBe(running.length + released.length);
          if (queue.openCount() === 0) break;
          const choice = (choices[turn % choices.length] ?? 0) % (running.length + released.length);
          const [ended] = running.splice(choice, 1);
          if (ended !== undefined) {
            released.push(ended);
            queue.release(ended.name);
            continue;
          }
          const [finished] = released.splice(choice - running.length, 1);
          if (finished === undefined) throw new Error('nothing finished');
          done.add(finished.name);
          queue.finish(finished.name, true);
        }
        expect(queue.waiting()).toEqual([]);
        expect(done.size).toBe(byName.size);
      }),
      { numRuns: 300 },
    );
  });

  it('starts a large step when the steps that ran at its turn have ended, however many small ones wait', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 8 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 30 }),
        (cpus, choices) => {
          const chains = Array.from({ length: cpus }, (_, chain) =>
            Array.from({ length: 30 }, (_, i) =>
              waiting(`c${chain}-${i}`, { cpus: 1 }, i === 0 ? [] : [`c${chain}-${i - 1}`]),
            ),
          ).flat();
          const small = chains.filter((step) => step.dependsOn.length === 0);
          const rest = chains.filter((step) => step.dependsOn.length > 0);
          const queue = createStepQueue([...small, waiting('big', { cpus }), ...rest], {
            jobs: 2 * cpus,
            resources: { cpus },
          });
          const running = startAll(queue);
          expect(running.length).toBe(cpus);
          const before = running.length;
          for (let i = 0; !running.includes('big'); i++) {
            expect(i).toBeLessThan(before);
            const [ended = ''] = running.splice((choices[i % choices.length] ?? 0) % running.length, 1);
            end(queue, ended);
            running.push(...startAll(queue));
          }
        },
      ),
    );
  });

  it('lets a step pass the first one when enough resources remain for the first', () => {
    const steps = [
      waiting('a', { cpus: 3 }),
      waiting('big', { cpus: 4, gpus: 1 }),
      waiting('same cpus', { cpus: 1 }),
      waiting('other gpu', { gpus: 1 }),
      waiting('last gpu', { gpus: 1 }),
      waiting('nothing'),
    ];
    const queue = createStepQueue(steps, { jobs: 9, resources: { cpus: 4, gpus: 2 } });
    expect(startAll(queue)).toEqual(['a', 'other gpu', 'nothing']);
    end(queue, 'a');
    expect(startAll(queue)).toEqual(['big']);
    end(queue, 'big');
    expect(startAll(queue)).toEqual(['same cpus', 'last gpu']);
  });

  it('keeps dependents of a failed step waiting, and treats steps outside the selection as done', () => {
    const queue = createStepQueue([waiting('a', {}, ['elsewhere']), waiting('b', {}, ['a']), waiting('c')], {
      jobs: 1,
      resources: {},
    });
    expect(startAll(queue)).toEqual(['a']);
    end(queue, 'a', false);
    expect(startAll(queue)).toEqual(['c']);
    end(queue, 'c');
    expect(queue.waiting()).toEqual(['b']);
  });

  it('is linear in the number of edges: 30,000 steps, half of which need a license', () => {
    const steps = Array.from({ length: 30_000 }, (_, i) =>
      waiting(`s${i}`, i % 2 === 0 ? { license: 1 } : {}, i < 15_000 ? [] : [`s${i - 15_000}`, `s${i - 1}`]),
    );
    const startedAt = performance.now();
    const queue = createStepQueue(steps, { jobs: 4, resources: { license: 1 } });
    const running = startAll(queue);
    let ran = 0;
    for (let name = running.shift(); name !== undefined; name = running.shift()) {
      ran++;
      end(queue, name);
      running.push(...startAll(queue));
    }
    expect(ran).toBe(30_000);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});
