import { describe, expect, it } from 'vitest';
import { compareParts } from '../../../src/execute/plan/compare-parts.js';

const HASH = '0123456789abcdef0123456789abcdef';
const OTHER = 'fedcba9876543210fedcba9876543210';

describe('a part that differs', () => {
  it.each([
    ['param:trees', 'param-changed', 'trees'],
    ['matrix:fold', 'param-changed', 'fold'],
    ['value:a.b', 'param-changed', 'a.b'],
    ['now', 'param-changed', 'now'],
    ['since', 'param-changed', 'since'],
    ['run-id', 'param-changed', 'run-id'],
    ['env:HOME', 'env-changed', 'HOME'],
    ['platform', 'env-changed', 'platform'],
    ['image', 'env-changed', 'image'],
    ['package:numpy', 'packages-changed', 'numpy'],
    ['input:in.txt', 'input-changed', 'in.txt'],
    ['dataset:rides:data/1.csv', 'input-changed', 'data/1.csv'],
    ['dataset-cut:rides', 'input-changed', 'dataset-cut:rides'],
    ['dataset-excluded:rides:f-1', 'exclusion-changed', 'rows kept out of rides'],
    ['command', 'command-changed', 'command'],
    ['outputs', 'command-changed', 'outputs'],
    // Only the beginning of a name tells what it is.
    ['command param:x', 'command-changed', 'command param:x'],
    ['input:dataset:x:y', 'input-changed', 'dataset:x:y'],
    ['input:package:', 'input-changed', 'package:'],
    ['input:a/dataset-excluded:b:c', 'input-changed', 'a/dataset-excluded:b:c'],
    ['env:value:x', 'env-changed', 'value:x'],
  ])('%s is %s, %s', (key, code, detail) => {
    expect(compareParts({ [key]: 'old' }, { [key]: 'new' })).toMatchObject([
      { code, detail, before: 'old', after: 'new' },
    ]);
  });

  it('names the dataset of a file, and of nothing else', () => {
    const datasets = ['dataset:rides:a.csv', 'input:dataset:rides:a.csv', 'input:a.csv'].map(
      (key) => compareParts({ [key]: '1' }, { [key]: '2' })[0]?.dataset,
    );
    expect(datasets).toEqual(['rides', undefined, undefined]);
  });

  it('shortens hashes of contents, and nothing else', () => {
    const shown = ['input:a', 'dataset:d:a', 'image-id', 'param:p', 'env:E', 'command'].map((key) => {
      const [reason] = compareParts({ [key]: HASH }, { [key]: OTHER });
      return [reason?.before, reason?.after];
    });
    const short = [HASH.slice(0, 12), OTHER.slice(0, 12)];
    expect(shown).toEqual([short, short, short, [HASH, OTHER], [HASH, OTHER], [HASH, OTHER]]);
  });

  it('says what is new and what is gone', () => {
    const [gone, fresh] = compareParts({ 'input:a': HASH }, { 'input:b': OTHER });
    expect(gone).toMatchObject({ detail: 'a', before: HASH.slice(0, 12), after: undefined });
    expect(fresh).toMatchObject({ detail: 'b', before: undefined, after: OTHER.slice(0, 12) });
  });

  it('says the content of an image as env-changed', () => {
    expect(compareParts({ 'image-id': HASH }, { 'image-id': OTHER })).toMatchObject([{ code: 'env-changed' }]);
  });
});

it('orders reasons by the names of their parts, whatever their order was, and leaves equal parts out', () => {
  const before = { 'param:z': '1', command: 'c', 'input:a': HASH };
  const after = { 'input:a': OTHER, command: 'c', 'param:z': '2', 'env:B': 'x' };
  expect(compareParts(before, after).map((one) => one.detail)).toEqual(['B', 'a', 'z']);
});

describe('packages', () => {
  const parts = (count: number, version: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`package:p${i}`, version]));

  it('are named one by one up to five', () => {
    expect(compareParts(parts(5, '1'), parts(5, '2')).map((one) => one.detail)).toEqual(['p0', 'p1', 'p2', 'p3', 'p4']);
  });

  it('of more the first five are named behind everything else, and the rest counted', () => {
    const reasons = compareParts({ ...parts(8, '1'), 'param:x': '1' }, { ...parts(8, '2'), 'param:x': '2' });
    expect(reasons.map((one) => one.detail)).toEqual(['x', 'p0', 'p1', 'p2', 'p3', 'p4', '3 more packages']);
    expect(new Set(reasons.slice(1).map((one) => one.code))).toEqual(new Set(['packages-changed']));
  });
});
