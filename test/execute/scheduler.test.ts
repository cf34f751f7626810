import { expect, it } from 'vitest';
import type { StepName } from '../../src/domain/ids.js';
import type { Step } from '../../src/domain/pipeline/pipeline.js';
import { runGraph, type Schedule } from '../../src/execute/schedule/scheduler.js';

const step = (name: string, dependsOn: readonly string[] = [], resources: Step['resources'] = {}): Step =>
  ({ name: name as StepName, declaredName: name, dependsOn, resources }) as unknown as Step;

const schedule = (over: Partial<Schedule> & Pick<Schedule, 'run'>): Schedule => ({
  jobs: 2,
  keepGoing: false,
  signal: new AbortController().signal,
  ...over,
});

it('starts nothing more after a failure, or continues with steps that do not need it', async () => {
  const steps = [step('a'), step('b', ['a']), step('c', ['d']), step('d')];
  const ran: string[] = [];
  const run = async ({ name }: Step): Promise<boolean> => {
    ran.push(name);
    return name !== 'a';
  };
  expect(await runGraph(steps, schedule({ run, jobs: 1 }))).toEqual(['b', 'c', 'd']);
  expect(await runGraph(steps, schedule({ run, jobs: 1, keepGoing: true }))).toEqual(['b']);
  expect(ran).toEqual(['a', 'a', 'd', 'c']);
});

it('gives each step its own GPUs, and takes them back', async () => {
  const held = new Set<string>();
  const seen: (readonly string[])[] = [];
  await runGraph(
    ['a', 'b', 'c', 'd', 'e'].map((name, i) => step(name, [], { gpus: i % 3 })),
    schedule({
      jobs: 5,
      limits: { amounts: { gpus: 2 }, gpus: ['GPU-1', '7'] },
      run: async (_, { gpus }) => {
        for (const gpu of gpus) {
          expect(held.has(gpu)).toBe(false);
          held.add(gpu);
        }
        await new Promise((done) => setImmediate(done));
        for (const gpu of gpus) held.delete(gpu);
        seen.push([...gpus].sort());
        return true;
      },
    }),
  );
  expect(seen.map((gpus) => gpus.length).sort()).toEqual([0, 0, 1, 1, 2]);
  expect(seen.flat().every((gpu) => ['GPU-1', '7'].includes(gpu))).toBe(true);
});

it('starts other steps while the result of the last one is checked, but not its dependents', async () => {
  const told: string[] = [];
  await runGraph(
    [step('a', [], { gpus: 1 }), step('b', ['a']), step('c', [], { gpus: 1 })],
    schedule({
      jobs: 1,
      limits: { amounts: { gpus: 1 }, gpus: ['GPU-1'] },
      run: async ({ name }, { gpus }, release) => {
        told.push(`${name} starts ${gpus.join()}`.trim());
        release();
        await new Promise((done) => setImmediate(done));
        told.push(`${name} is done`);
        return true;
      },
    }),
  );
  expect(told).toEqual(['a starts GPU-1', 'c starts GPU-1', 'c is done', 'a is done', 'b starts', 'b is done']);
});

it('starts nothing after an interruption, waits for running steps, and only then throws a bug', async () => {
  const controller = new AbortController();
  const run = async ({ name }: Step): Promise<boolean> => {
    if (name === 'a') controller.abort();
    return true;
  };
  expect(await runGraph([step('a'), step('b', ['a'])], schedule({ run, signal: controller.signal }))).toEqual(['b']);
  let hasEnded = false;
  const broken = runGraph(
    [step('a'), step('b')],
    schedule({
      run: async ({ name }) => {
        if (name === 'a') throw new Error('a bug');
        await new Promise((done) => setImmediate(done));
        hasEnded = true;
        return true;
      },
    }),
  );
  await expect(broken).rejects.toThrow('a bug');
  expect(hasEnded).toBe(true);
});

it('schedules 10,000 steps without checking each one repeatedly', async () => {
  const steps = Array.from({ length: 10_000 }, (_, i) => step(`s${i}`, i === 0 ? [] : [`s${(i - 1) >> 1}`]));
  const startedAt = performance.now();
  expect(await runGraph(steps, schedule({ run: async () => true }))).toEqual([]);
  expect(performance.now() - startedAt).toBeLessThan(5000);
});
