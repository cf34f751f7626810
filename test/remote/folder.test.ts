import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ContentHash } from '../../src/domain/ids.js';
import type { RemoteStore } from '../../src/domain/ports/remotes.js';
import { openFolderRemote } from '../../src/remote/stores/folder.js';

const makeRoot = (): string => mkdtempSync(join(tmpdir(), 'refit-folder-remote-'));

async function open(root: string): Promise<RemoteStore> {
  const opened = await openFolderRemote(root, { isMade: true });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value;
}

it('gives each log entry to exactly one of many writers', async () => {
  const root = makeRoot();
  const writers = await Promise.all(Array.from({ length: 12 }, () => open(root)));
  for (let number = 1; number <= 25; number++) {
    const answers = await Promise.all(writers.map((one, i) => one.append(number, `${i} wrote ${number}`)));
    const won = answers.flatMap((answer, i) => (answer.ok && answer.value === 'appended' ? [i] : []));
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(won).toHaveLength(1);
    const there = await writers[0]?.entry(number);
    expect(there).toEqual({ ok: true, value: `${won[0]} wrote ${number}` });
  }
  expect(readdirSync(join(root, 'tmp')).sort()).toEqual([]);
});

it('recognises its own entry after the response was lost', async () => {
  const remote = await open(makeRoot());
  expect(await remote.append(1, 'mine')).toEqual({ ok: true, value: 'appended' });
  expect(await remote.append(1, 'mine')).toEqual({ ok: true, value: 'appended' });
  expect(await remote.append(1, 'yours')).toEqual({ ok: true, value: 'taken' });
});

it('rejects a file whose content does not match its name, and removes partial files of a dead machine', async () => {
  const root = makeRoot();
  const source = join(makeRoot(), 'source');
  writeFileSync(source, 'content');
  const hash = createHash('sha256').update('content').digest('hex') as ContentHash;
  mkdirSync(join(root, 'tmp'));
  const [old, young] = [randomUUID(), randomUUID()];
  writeFileSync(join(root, 'tmp', old), 'half');
  writeFileSync(join(root, 'tmp', young), 'half of another machine');
  writeFileSync(join(root, 'tmp/notes'), 'of somebody');
  for (const name of [old, 'notes']) utimesSync(join(root, 'tmp', name), 0, 0);
  const remote = await open(root);
  const wrong = await remote.put('objects/ab/c', { path: source, size: 7, hash: 'f'.repeat(64) as ContentHash });
  expect(wrong).toMatchObject({ ok: false, error: { code: 'integrity' } });
  expect(await remote.sizeOf('objects/ab/c')).toEqual({ ok: true, value: undefined });
  expect(await remote.put('objects/ab/c', { path: source, size: 7, hash })).toMatchObject({ ok: true });
  expect(readFileSync(join(root, 'objects/ab/c'), 'utf8')).toBe('content');
  expect(readdirSync(join(root, 'tmp')).sort()).toEqual([young, 'notes'].sort());
});

it('reports why a location cannot be used', async () => {
  const file = join(makeRoot(), 'file');
  writeFileSync(file, '');
  for (const root of [join(file, 'remote'), join(makeRoot(), 'not', 'there')])
    expect(await openFolderRemote(root, { isMade: true })).toMatchObject({
      ok: false,
      error: { code: 'remote-unreachable' },
    });
});
