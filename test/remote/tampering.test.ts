import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createShare, expectWhole, historyOf, sha256, trainAndPromote, workspace } from '../support/remotes.js';
import type { Document, Rig } from '../support/rig.js';

const entryPath = (share: { readonly path: string }, number: number): string =>
  join(share.path, 'log', String(number).padStart(12, '0'), 'entry.json');

/** Writes an entry of a remote's log anew, as somebody with access to the share could. */
function rewrite(share: { readonly path: string }, number: number, change: (entry: Document) => void): void {
  const path = entryPath(share, number);
  const entry: Document = JSON.parse(readFileSync(path, 'utf8'));
  change(entry);
  writeFileSync(path, JSON.stringify(entry));
}

/** The pull is refused, says why, and has taken nothing in. */
async function expectRefused(rig: Rig, remote: string, why: string): Promise<void> {
  const before = rig.has('.refit/registry.db') ? historyOf(rig) : undefined;
  const pulled = await rig.refit('pull', remote);
  expect([pulled.exit, pulled.stderr]).toEqual([7, expect.stringContaining(why)]);
  if (before === undefined) expect(rig.query('SELECT id FROM run')).toEqual([]);
  else expect(historyOf(rig)).toEqual(before);
  expect(rig.has('serving/m/current')).toBe(before !== undefined);
}

describe('the ledger in a remote', () => {
  it.each<readonly [what: string, at: string, change: (entry: Document) => void]>([
    [
      'a reason is changed',
      'entry 1 of the ledger',
      ({ ledger }) => {
        ledger[0].text = ledger[0].text.replace('"one"', '"two"');
      },
    ],
    [
      'the words and the hash of an entry are changed, and those after it stay',
      'entry 2 of the ledger',
      ({ ledger }) => {
        ledger[0].text = ledger[0].text.replace('"one"', '"two"');
        ledger[0].hash = sha256(`${'0'.repeat(64)}\n${ledger[0].text}`);
      },
    ],
    [
      'an entry in the middle is left out',
      'entry 2 of the ledger',
      ({ ledger }) => {
        ledger.splice(1, 1);
      },
    ],
    [
      'two entries change places',
      'entry 2 of the ledger',
      ({ ledger }) => {
        [ledger[1], ledger[2]] = [ledger[2], ledger[1]];
      },
    ],
  ])('is not taken in where %s', async (_, at, change) => {
    using share = createShare();
    using a = workspace();
    await trainAndPromote(a, 'one');
    await a.json(0, 'note', 'm', 'first note');
    await a.json(0, 'note', 'm', 'second note');
    await a.json(0, 'push', share.path);
    const whole = readFileSync(entryPath(share, 1));
    rewrite(share, 1, (entry) => {
      expect(entry.ledger).toHaveLength(3);
      change(entry);
    });
    using b = workspace();
    await expectRefused(b, share.path, at);
    writeFileSync(entryPath(share, 1), whole);
    await b.json(0, 'pull', share.path);
    await expectWhole(b);
  });
});

describe('the log of a remote', () => {
  /** Three entries, of which the second machine has taken in the first. */
  async function threeEntries(share: { readonly path: string }, a: Rig, b: Rig): Promise<void> {
    for (const [i, source] of ['one', 'two', 'three'].entries()) {
      await trainAndPromote(a, source);
      await a.json(0, 'push', share.path);
      if (i === 0) await b.json(0, 'pull', share.path);
    }
  }
  const another = (entry: Document): void => {
    entry.actor = 'somebody else';
  };

  it('is not taken in where an entry in the middle was rewritten', async () => {
    using share = createShare();
    using a = workspace();
    using b = workspace();
    await threeEntries(share, a, b);
    const [second, third] = [2, 3].map((number) => readFileSync(entryPath(share, number)));
    rewrite(share, 2, another);
    await expectRefused(b, share.path, 'the remote was changed by hand or is damaged');
    writeFileSync(entryPath(share, 2), second ?? '');
    rewrite(share, 3, (entry) => {
      entry.number = 4;
    });
    await expectRefused(b, share.path, 'the remote was changed by hand or is damaged');
    writeFileSync(entryPath(share, 3), third ?? '');
    await b.json(0, 'pull', share.path);
    expect(historyOf(b)).toEqual(historyOf(a));
  });

  it('is not taken in where the newest known entry was rewritten, nor where the first was', async () => {
    using share = createShare();
    using a = workspace();
    using b = workspace();
    await threeEntries(share, a, b);
    await b.json(0, 'pull', share.path);
    const [first, third] = [1, 3].map((number) => readFileSync(entryPath(share, number)));
    rewrite(share, 3, another);
    await expectRefused(b, share.path, 'the remote was changed by hand or is damaged');
    writeFileSync(entryPath(share, 3), third ?? '');
    rewrite(share, 1, another);
    await expectRefused(b, share.path, 'someone started another history there or changed this one');
    // a push does not go on with it either
    await trainAndPromote(a, 'four');
    expect((await a.refit('push', share.path)).exit).toBe(7);
    expect(readdirSync(join(share.path, 'log'))).toHaveLength(3);
    writeFileSync(entryPath(share, 1), first ?? '');
    await a.json(0, 'push', share.path);
  });
});

it('sends an object again that is cut short at the remote', async () => {
  using share = createShare();
  using a = workspace();
  await trainAndPromote(a, 'the whole model');
  await a.json(0, 'push', share.path);
  const hash = sha256('the whole model');
  const object = join(share.path, 'objects', hash.slice(0, 2), hash.slice(2));
  truncateSync(object, 5);
  using b = workspace();
  expect((await b.refit('pull', share.path)).exit).toBe(7);
  const again = await a.json(0, 'push', share.path, '--all');
  expect(again.objects.sent).toBe(1);
  expect(readFileSync(object, 'utf8')).toBe('the whole model');
  await b.json(0, 'pull', share.path);
  await expectWhole(b);
});

it('lets a rollback that was pushed first win over a promotion made meanwhile', async () => {
  using share = createShare();
  using a = workspace();
  using b = workspace();
  for (const source of ['one', 'two']) await trainAndPromote(a, source);
  await a.json(0, 'push', share.path);
  await b.json(0, 'pull', share.path);
  await b.json(0, 'rollback', 'm', '--reason', 'two is bad');
  await b.json(0, 'push', share.path);
  await trainAndPromote(a, 'three');
  const lost = await a.refit('push', share.path);
  expect([lost.exit, lost.stderr]).toEqual([8, expect.stringContaining('was pushed first')]);
  const pulled = await a.json(0, 'pull', share.path);
  expect(pulled.overtaken).toMatchObject([{ model: 'm', ours: { version: 3 }, theirs: { version: 1 } }]);
  expect(a.read('serving/m/current/model.txt')).toBe('one');
  await a.json(0, 'push', share.path);
  await b.json(0, 'pull', share.path);
  expect(historyOf(b)).toEqual(historyOf(a));
  await expectWhole(a);
});
