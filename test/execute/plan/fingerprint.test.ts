import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command, Step, Template, ValueRef } from '../../../src/domain/pipeline/pipeline.js';
import { compareParts } from '../../../src/execute/plan/compare-parts.js';
import {
  commandText,
  type FingerprintFacts,
  fingerprintOf,
  fingerprintParts,
} from '../../../src/execute/plan/fingerprint.js';

const parts = fc.dictionary(fc.string({ minLength: 1 }), fc.string(), {
  minKeys: 1,
  maxKeys: 12,
  noNullPrototype: true,
});

it('does not depend on the order of its parts', () => {
  fc.assert(
    fc.property(parts, (one) => {
      const reversed = Object.fromEntries(Object.entries(one).reverse());
      expect(fingerprintOf(reversed)).toBe(fingerprintOf(one));
    }),
  );
});

it('changes with every part, and the comparison names exactly those that changed', () => {
  fc.assert(
    fc.property(parts, fc.nat(), fc.string(), (one, pick, text) => {
      const keys = Object.keys(one);
      const key = keys[pick % keys.length] ?? '';
      const changed = { ...one, [key]: `${one[key] ?? ''}${text}!` };
      expect(fingerprintOf(changed)).not.toBe(fingerprintOf(one));
      expect(compareParts(one, changed)).toHaveLength(1);
      expect(compareParts(one, one)).toEqual([]);
    }),
  );
});

it('stays the same in later versions, so that stored fingerprints are found', () => {
  expect(fingerprintOf({ b: '2', a: '1' })).toBe('a0a3fe063bebe4a235727c37b6052fc767d4640decf8116c283259f90de3683f');
});

const text = (said: string): Template => [{ kind: 'text', text: said }];
const value = (ref: ValueRef): Template => [{ kind: 'value', ref }];
const shell = (...templates: readonly Template[]): Command => ({ kind: 'shell', script: templates.flat() });

const STEP = {
  name: 'train@fold=1',
  declaredName: 'train',
  command: shell(text('train '), value({ kind: 'param', name: 'trees' })),
  matrix: { fold: 1 },
  outputs: [{ path: 'model.txt' }, { path: 'report.html', name: 'report' }],
  metricsPaths: ['train.json'],
  image: 'python:3.13',
} as unknown as Step;

const FACTS: FingerprintFacts = {
  params: { trees: '100' },
  env: { OMP_NUM_THREADS: '2' },
  inputs: { 'input:rows.csv': 'aaaa', 'dataset:d:d/1.csv': 'bbbb', 'dataset-cut:d': '2026-01-01' },
  platform: 'linux-x64',
  now: '2026-01-01T03:00:00.000Z',
  since: '2025-12-01T00:00:00.000Z',
  runId: 'r-1',
};

const keyOfChange = (step: Partial<Step>, facts: Partial<FingerprintFacts> = {}): readonly string[] => {
  const [before, after] = [
    fingerprintParts(STEP, FACTS),
    fingerprintParts({ ...STEP, ...step }, { ...FACTS, ...facts }),
  ];
  if (fingerprintOf(before) === fingerprintOf(after)) return [];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => before[key] !== after[key])
    .sort();
};

describe('what a step is made of', () => {
  it('is completely in the parts, each under its name', () => {
    expect(fingerprintParts(STEP, FACTS)).toEqual({
      command: `train \${{ params.trees }}`,
      platform: 'linux-x64',
      'param:trees': '100',
      'matrix:fold': '1',
      'env:OMP_NUM_THREADS': '2',
      'input:rows.csv': 'aaaa',
      'dataset:d:d/1.csv': 'bbbb',
      'dataset-cut:d': '2026-01-01',
      'output:0': 'model.txt',
      'output:report': 'report.html',
      metrics: 'train.json',
      image: 'python:3.13',
    });
  });

  const path = (name: string) => name as Step['outputs'][number]['path'];
  const CHANGES: readonly (readonly [
    what: string,
    keys: readonly string[],
    step: Partial<Step>,
    facts?: Partial<FingerprintFacts>,
  ])[] = [
    ['command', ['command'], { command: shell(text('train more '), value({ kind: 'param', name: 'trees' })) }],
    [
      'value that the command names',
      ['command'],
      { command: shell(text('train '), value({ kind: 'param', name: 'n' })) },
    ],
    ['words instead of a script', ['command'], { command: { kind: 'argv', words: [text('train'), text('100')] } }],
    ['image', ['image'], { image: 'python:3.14' }],
    ['image taken away', ['image'], { image: undefined }],
    ['metrics file', ['metrics'], { metricsPaths: [path('other.json')] }],
    ['metrics file taken away', ['metrics'], { metricsPaths: [] }],
    ['second metrics file', ['metrics'], { metricsPaths: [path('m.json'), path('n.json')] }],
    ['output', ['output:0'], { outputs: [{ path: path('m.txt') }, { path: path('report.html'), name: 'report' }] }],
    [
      'name of an output',
      ['output:1', 'output:report'],
      { outputs: [{ path: path('model.txt') }, { path: path('report.html') }] },
    ],
    ['value of the matrix', ['matrix:fold'], { matrix: { fold: 2 } }],
    ['type of a value of the matrix', ['matrix:fold'], { matrix: { fold: '1' } }],
    ['platform', ['platform'], {}, { platform: 'linux-arm64' }],
    ['param', ['param:trees'], {}, { params: { trees: '101' } }],
    ['environment variable', ['env:OMP_NUM_THREADS'], {}, { env: { OMP_NUM_THREADS: '4' } }],
    ['input', ['input:rows.csv'], {}, { inputs: { ...FACTS.inputs, 'input:rows.csv': 'cccc' } }],
    ['file of a dataset', ['dataset:d:d/1.csv'], {}, { inputs: { ...FACTS.inputs, 'dataset:d:d/1.csv': 'cccc' } }],
    ['cut of a dataset', ['dataset-cut:d'], {}, { inputs: { ...FACTS.inputs, 'dataset-cut:d': '2026-02-01' } }],
  ];
  for (const [what, keys, step, facts] of CHANGES)
    it(`another ${what} changes the fingerprint`, () => {
      expect(keyOfChange(step, facts)).toEqual(keys);
    });

  it.each([
    ['now', 'now', { now: '2026-01-02T03:00:00.000Z' }],
    ['trigger-since', 'since', { since: '2025-12-02T00:00:00.000Z' }],
    ['run-id', 'run-id', { runId: 'r-2' }],
  ] as const)('counts %s only where the command uses it', (kind, key, facts) => {
    expect(keyOfChange({}, facts)).toEqual([]);
    for (const command of [
      shell(text('x '), value({ kind })),
      { kind: 'argv' as const, words: [text('x'), value({ kind })] },
    ]) {
      const [before, after] = [FACTS, { ...FACTS, ...facts }].map((one) => fingerprintParts({ ...STEP, command }, one));
      expect(before?.[key]).not.toBe(after?.[key]);
      expect([before?.[key], after?.[key]]).not.toContain(undefined);
    }
  });

  it('ignores name, resources, retries, timeout and role', () => {
    expect(
      keyOfChange({
        name: 'other',
        declaredName: 'other',
        timeoutMs: 1,
        role: 'train',
        dependsOn: ['x'],
      } as unknown as Step),
    ).toEqual([]);
  });
});

it('spells a command with the names of its values', () => {
  expect(
    commandText({ kind: 'argv', words: [text('cp'), value({ kind: 'input', index: 0 }), value({ kind: 'now' })] }),
  ).toBe(`["cp","\${{ inputs[0] }}","\${{ now }}"]`);
});

describe('the comparison of two fingerprints', () => {
  it.each([
    ['param:trees', 'param-changed', 'trees'],
    ['matrix:fold', 'param-changed', 'fold'],
    ['now', 'param-changed', 'now'],
    ['since', 'param-changed', 'since'],
    ['run-id', 'param-changed', 'run-id'],
    ['env:PATH', 'env-changed', 'PATH'],
    ['platform', 'env-changed', 'platform'],
    ['image', 'env-changed', 'image'],
    ['input:a/b.csv', 'input-changed', 'a/b.csv'],
    ['dataset:d:d/1.csv', 'input-changed', 'd/1.csv'],
    ['dataset-cut:d', 'input-changed', 'dataset-cut:d'],
    ['dataset-excluded:d:x', 'exclusion-changed', 'rows kept out of d'],
    ['command', 'command-changed', 'command'],
    ['output:0', 'command-changed', 'output:0'],
    ['metrics', 'command-changed', 'metrics'],
  ])('calls %s %s', (key, code, detail) => {
    expect(compareParts({ [key]: 'old' }, { [key]: 'new' })).toEqual([{ code, detail, before: 'old', after: 'new' }]);
  });

  it('says what was there before and what is there now, in the order of the names', () => {
    expect(compareParts({ 'param:b': '1', command: 'x' }, { 'param:a': '2', command: 'y' })).toEqual([
      { code: 'command-changed', detail: 'command', before: 'x', after: 'y' },
      { code: 'param-changed', detail: 'a', before: undefined, after: '2' },
      { code: 'param-changed', detail: 'b', before: '1', after: undefined },
    ]);
  });

  it('shortens hashes, and nothing else', () => {
    const [long, other] = ['a'.repeat(64), 'b'.repeat(64)];
    const shown = (key: string) => compareParts({ [key]: long }, { [key]: other })[0];
    for (const key of ['input:x', 'dataset:d:x'])
      expect(shown(key)).toMatchObject({ before: long.slice(0, 12), after: other.slice(0, 12) });
    for (const key of ['param:x', 'command', 'dataset-cut:d'])
      expect(shown(key)).toMatchObject({ before: long, after: other });
  });
});
