import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../support/remotes.js';
import type { Document, Rig } from '../support/rig.js';
import { type ForgedRemote, forge, NOTE, pushedOnce } from './forged-remote.js';

let rig: Rig;
let share: string;

beforeAll(async () => {
  ({ rig, share } = await pushedOnce());
});
afterAll(() => {
  rig[Symbol.dispose]();
  rmSync(join(share, '..'), { recursive: true, force: true });
});

const stateOf = () => [rig.files(), rig.query('SELECT hash FROM ledger_entry'), rig.query('SELECT * FROM note')];

/** The pull is refused with exit 7, names what is wrong, and writes nothing. */
async function expectRefused(remote: ForgedRemote, named: RegExp): Promise<void> {
  const before = stateOf().slice(1);
  const files = rig.files().filter((path) => !path.startsWith('.refit/'));
  const pulled = await rig.refit('pull', remote.path);
  expect(pulled.stderr).toMatch(named);
  expect(pulled.exit).toBe(7);
  expect(stateOf().slice(1)).toEqual(before);
  expect(rig.files().filter((path) => !path.startsWith('.refit/'))).toEqual(files);
}

describe('an entry of a remote', () => {
  it.each<[string, string]>([
    ['null', 'null'],
    ['a list', '[]'],
    ['nothing', ''],
    ['garbage', '\u0000\u0001'],
    ['half of one', '{"format":1,"number":2'],
    ['too deeply nested', '['.repeat(60_000)],
    ['a number of a format only', '{"format":1}'],
  ])('is refused where it is %s', async (_, text) => {
    using remote = forge(share);
    remote.appendText(text);
    await expectRefused(remote, /entry 2 of the log/);
  });

  it.each<[string, Document]>([
    ['the hash of a bundle is a path', { bundles: [{ hash: '/../../../pipelines/evil.yaml', bytes: 1 }] }],
    ['the hash of a bundle is in capitals', { bundles: [{ hash: 'A'.repeat(64), bytes: 1 }] }],
    ['the size of a bundle is negative', { bundles: [{ hash: 'a'.repeat(64), bytes: -1 }] }],
    ['the size of a bundle is larger than any', { bundles: [{ hash: 'a'.repeat(64), bytes: 1e12 }] }],
    ['the name of a model is a path', { versions: [{ model: '../m', run: 'r', at: '2026-01-01', version: 2 }] }],
    ['a version is no number', { aliases: [{ model: 'm', alias: 'champion', generation: 1, run: 'x', version: 'a' }] }],
    ['a line of the ledger is no JSON', { ledger: [{ text: 'x', hash: 'a'.repeat(64) }] }],
    ['the time is none', { at: '2026-02-31' }],
    ['it has a field too many', { more: 1 }],
  ])('is refused where %s', async (_, changes) => {
    using remote = forge(share);
    remote.append([], changes);
    await expectRefused(remote, /entry 2 of the log/);
  });

  it('is refused where it is a pipe, a folder, a link, or larger than any', async () => {
    for (const kind of ['pipe', 'folder', 'link', 'large'] as const) {
      using remote = forge(share);
      const path = join(remote.path, 'log/000000000002/entry.json');
      remote.appendText('');
      makeOther(path, kind);
      await expectRefused(remote, /log\/000000000002\/entry\.json/);
    }
  });

  it('is refused where a move is not told by its ledger', async () => {
    using remote = forge(share);
    remote.append([], { moves: [], ledger: [], versions: [], aliases: [{ ...remote.first.aliases[0], hash: 'x' }] });
    await expectRefused(remote, /entry 2/);
  });
});

describe('a bundle of a remote', () => {
  it.each<[string, unknown]>([
    ['is no JSON', 'x'],
    ['holds null', null],
    ['holds a list', []],
    ['holds a fact of a kind that there is none of', { unit: { kind: 'sqlite_master', key: '[]', row: {} } }],
    ['holds a fact whose row is null', { unit: { kind: 'note', key: '[]', row: null } }],
    ['holds a fact with a column too many', NOTE({ rowid: 1 })],
    ['holds a model with a path for a name', NOTE({ model: '../../m' })],
    ['holds a fact with a key of another row', { unit: { ...NOTE().unit, key: '["m","x","y","z"]' } }],
    ['holds an object whose hash is a path', { object: { hash: '../x', kind: 'file', size: 1, isExecutable: false } }],
    ['holds an absent object whose hash is none', { absent: 'x' }],
    ['holds a fact that refers to nothing', NOTE({ version: ['m', '20260101-000000-abcdef', '2026-01-01'] })],
  ])('is refused where it %s', async (_, line) => {
    using remote = forge(share);
    remote.append([line]);
    await expectRefused(remote, /entry 2|history at the remote/);
  });

  it.each<[string, Document]>([
    ['a path that leads out', { path: '../../.bashrc' }],
    ['an absolute path', { path: '/etc/passwd' }],
    ['a size that is none', { size: -1 }],
    ['a hash that is none', { hash: 'zz' }],
  ])('is refused where a version has %s', async (_, row) => {
    using remote = forge(share);
    const [{ run }] = remote.first.versions;
    const at = '2026-01-02T03:04:05.678Z';
    const full = { model: 'm', hash: 'a'.repeat(64), kind: 'file', size: 1, path: 'model.txt', run, ...row };
    const unit = { kind: 'model_version', key: JSON.stringify(['m', run, at]), row: full };
    remote.append([{ unit: { ...unit, row: { ...full, fingerprint: null, registered_at: at } } }]);
    await expectRefused(remote, /bundle [0-9a-f]{12} of entry 2/);
  });

  it('is refused where it is a pipe, a folder, a link, or 3 GB where 58 bytes are declared', async () => {
    for (const kind of ['pipe', 'folder', 'link', 'large'] as const) {
      using remote = forge(share);
      const hash = sha256('x');
      remote.append([], { bundles: [{ hash, bytes: 58 }] });
      const path = join(remote.path, 'bundles', hash.slice(0, 2), hash.slice(2));
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, '');
      makeOther(path, kind);
      await expectRefused(remote, /bundles\//);
    }
  });
});

describe('a folder of a remote', () => {
  const folder = (remote: ForgedRemote, entries: readonly unknown[]): void => {
    const text = ['refit folder 1', ...entries.map((one) => JSON.stringify(one)), ''].join('\n');
    const hash = sha256(text);
    remote.put(`objects/${hash.slice(0, 2)}/${hash.slice(2)}.dir`, text);
    remote.append([{ object: { hash, kind: 'folder', size: text.length, isExecutable: false } }]);
  };

  it.each<[string, readonly unknown[]]>([
    ['a path that leads out', [{ path: '../x', hash: 'a'.repeat(64), size: 1 }]],
    ['a link that leads out', [{ path: 'x', link: '../../../etc' }]],
    ['an absolute link', [{ path: 'x', link: '/etc/passwd' }]],
    [
      'a file below a link',
      [
        { path: 'x', link: 'y' },
        { path: 'x/z', hash: 'a'.repeat(64), size: 1 },
      ],
    ],
    ['a hash that is a path', [{ path: 'x', hash: '../../x', size: 1 }]],
    ['null in its list', [null]],
  ])('is not fetched with %s', async (_, entries) => {
    using remote = forge(share);
    using other = rigOf();
    folder(remote, entries);
    const pulled = await other.refit('pull', remote.path, '--all');
    expect(pulled.stderr).toMatch(/the list of folder/);
    expect(pulled.exit).toBe(7);
  });
});

const rigOf = (): Rig => {
  const copy = pushedCopies.pop();
  if (copy === undefined) throw new Error('not enough copies');
  return copy;
};
const pushedCopies: Rig[] = [];
beforeAll(async () => {
  const { workspace } = await import('../support/remotes.js');
  for (let i = 0; i < 6; i++) pushedCopies.push(workspace());
});

function makeOther(path: string, kind: 'pipe' | 'folder' | 'link' | 'large'): void {
  rmSync(path);
  if (kind === 'pipe') execFileSync('mkfifo', [path]);
  else if (kind === 'folder') mkdirSync(path);
  else if (kind === 'link') symlinkSync('/etc/passwd', path);
  else {
    writeFileSync(path, '');
    truncateSync(path, 3e9);
  }
}
