import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContentHash } from '../../../src/domain/ids.js';
import { leadsWithin, type StagedEntry, treeIn } from '../../../src/domain/runs/staged-job.js';
import { listTree } from '../../../src/platform/staging/list-tree.js';
import { hashOf, writeTree } from '../../../src/platform/staging/write-tree.js';

describe('what goes to another machine', () => {
  let root: string;
  let other: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'refit-tree-'));
    other = mkdtempSync(join(tmpdir(), 'refit-tree-'));
  });
  afterEach(() => {
    for (const folder of [root, other]) rmSync(folder, { recursive: true, force: true });
  });

  const file = (path: string, text = path): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const link = (path: string, target: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    symlinkSync(target, join(root, path));
  };
  const list = (paths: readonly string[], isResult = false) =>
    listTree(root, paths, { mayFollow: () => true, isResult });
  /** Writes what is listed to another folder. */
  const carry = async (paths: readonly string[]): Promise<void> => {
    const entries: StagedEntry[] = [];
    for (const entry of list(paths))
      entries.push(
        entry.kind === 'file' ? { ...entry, hash: (await hashOf(join(root, entry.path))) as ContentHash } : entry,
      );
    expect(treeIn(JSON.parse(JSON.stringify(entries)))).toEqual(entries);
    const written = await writeTree(other, entries, async ({ path }, to) => {
      await copyFile(join(root, path), to);
      return { ok: true, value: undefined };
    });
    expect(written).toEqual({ ok: true, value: undefined });
  };
  const there = (path: string): string => readFileSync(join(other, path), 'utf8');

  it.each([[['data', 'data/cur/x.csv']], [['data/cur/x.csv', 'data']], [['data/cur', 'data']], [['data', 'data/cur']]])(
    'has a file below a linked folder that is itself an input: %j',
    async (paths) => {
      file('data/v1/x.csv', 'x');
      file('data/deep/y.csv', 'y');
      link('data/cur', 'v1');
      link('data/v1/y.csv', '../deep/y.csv');
      await carry(paths);
      expect([there('data/cur/x.csv'), there('data/v1/x.csv')]).toEqual(['x', 'x']);
      expect([there('data/cur/y.csv'), there('data/v1/y.csv')]).toEqual(['y', 'y']);
    },
  );

  it('keeps a link within an input, and follows one that would lead elsewhere from where it is written', async () => {
    file('else/deep/v1/x', 'x');
    file('else/deep/z', 'z');
    link('else/deep/v1/up', '../z');
    link('data/cur', '../else/deep/v1');
    link('data/same', './cur');
    await carry(['data']);
    expect([there('data/cur/x'), there('data/cur/up'), there('data/same/x')]).toEqual(['x', 'z', 'x']);
    expect(list(['data']).find(({ path }) => path === 'data/same')).toMatchObject({ kind: 'link', target: './cur' });
  });

  it('ends where links in linked folders multiply the paths', () => {
    for (let i = 0; i < 20; i++) for (const side of ['a', 'b']) link(`level${i}/${side}`, `../level${i + 1}`);
    file('level20/x');
    const found = list(['level0']);
    expect(found.length).toBeLessThan(2000);
    expect(found.some(({ kind }) => kind === 'link')).toBe(true);
  });

  it('refuses a result with a link that leads out of it to nothing, or back into its own folder', () => {
    file('out/x');
    link('out/near', 'x');
    expect(
      list(['out'], true)
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['file', 'folder', 'link']);
    link('out/far', '../../nowhere');
    expect(() => list(['out'], true)).toThrow('it leads to ../../nowhere');
    rmSync(join(root, 'out/far'));
    link('out/round', '..');
    expect(() => list(['out'], true)).toThrow('it leads to ..');
  });

  it.each([
    ['out/a', 'b', true],
    ['out/deep/a', '../b/./c', true],
    ['out/a', '../b', false],
    ['out/a', '/out/b', false],
    // After a link to the folder itself this is the folder above.
    ['out/a', 'here/../b', false],
    ['out/a', '../out-b', false],
  ])('knows whether a link at %s to %s stays within out: %s', (path, target, isWithin) => {
    expect(leadsWithin('out', path, target)).toBe(isWithin);
  });
});
