import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sha256, trainAndPromote, workspace } from '../support/remotes.js';
import type { Document, Rig } from '../support/rig.js';

/** A remote that whoever can write to it has changed. */
export interface ForgedRemote extends Disposable {
  readonly path: string;
  readonly first: Document;
  /** Puts a file there. */
  readonly put: (name: string, bytes: string) => void;
  /** Puts bundles, and an entry that names them after the first one; `changes` are fields of the entry. */
  readonly append: (lines: readonly unknown[], changes?: Document) => void;
  /** The text of entry 2 as it is. */
  readonly appendText: (text: string) => void;
}

/** What a machine has pushed, for tests that forge what comes after it. */
export async function pushedOnce(more: Readonly<Record<string, string>> = {}): Promise<{
  readonly rig: Rig;
  readonly share: string;
}> {
  const rig = workspace(more);
  const share = join(mkdtempSync(join(tmpdir(), 'refit-forged-')), 'remote');
  await trainAndPromote(rig, 'first');
  await rig.json(0, 'push', share);
  return { rig, share };
}

export function forge(share: string): ForgedRemote {
  const folder = mkdtempSync(join(tmpdir(), 'refit-forged-'));
  const path = join(folder, 'remote');
  cpSync(share, path, { recursive: true });
  const text = readFileSync(join(path, 'log/000000000001/entry.json'), 'utf8');
  const first = JSON.parse(text);
  const put = (name: string, bytes: string): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), bytes);
  };
  const appendText = (entry: string): void => put('log/000000000002/entry.json', entry);
  return {
    path,
    first,
    put,
    appendText,
    append: (lines, changes = {}) => {
      const bundle = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
      const hash = sha256(bundle);
      put(`bundles/${hash.slice(0, 2)}/${hash.slice(2)}`, bundle);
      const at = new Date().toISOString();
      appendText(
        JSON.stringify({
          format: 1,
          number: 2,
          previous: sha256(text),
          at,
          actor: 'mallory',
          bundles: lines.length === 0 ? [] : [{ hash, bytes: Buffer.byteLength(bundle) }],
          versions: [],
          moves: [],
          ledger: [],
          aliases: first.aliases,
          ...changes,
        }),
      );
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export const NOTE = (row: Document = {}): Document => {
  const at = '2026-01-02T03:04:05.678Z';
  const full = { model: 'm', version: null, text: 'hello', actor: 'mallory', noted_at: at, ...row };
  return { unit: { kind: 'note', key: JSON.stringify([full.model, full.text, full.actor, full.noted_at]), row: full } };
};

interface Promotion {
  /** Bytes that no run wrote; the version that is there already where absent. */
  readonly bytes?: string;
  readonly move?: Document;
  readonly units?: readonly Document[];
}

/** Appends an entry that promotes a version, as a pushing refit would write it. */
export function appendPromotion(remote: ForgedRemote, { bytes, move = {}, units = [] }: Promotion): void {
  const { first } = remote;
  const [known] = first.versions;
  const at = new Date().toISOString();
  const hash = bytes === undefined ? first.aliases[0].hash : sha256(bytes);
  const version = bytes === undefined ? known : { ...known, at, version: 2 };
  if (bytes !== undefined) remote.put(`objects/${hash.slice(0, 2)}/${hash.slice(2)}`, bytes);
  const made = {
    unit: {
      kind: 'model_version',
      key: JSON.stringify(['m', known.run, at]),
      row: {
        model: 'm',
        hash,
        kind: 'file',
        size: bytes?.length ?? 0,
        path: 'model.txt',
        run: known.run,
        fingerprint: null,
        registered_at: at,
      },
    },
  };
  const object = { object: { hash, kind: 'file', size: bytes?.length ?? 0, isExecutable: false } };
  const row = {
    model: 'm',
    alias: 'champion',
    generation: 2,
    kind: 'promotion',
    from_version: ['m', known.run, known.at],
    to_version: ['m', version.run, version.at],
    to_hash: hash,
    reason: 'trust me',
    is_forced: 0,
    actor: 'mallory',
    gate: null,
    decision: null,
    moved_at: at,
    now: at,
    approval: null,
    trigger_kind: 'manual',
    publish_path: 'serving/m',
    folder: `2-${hash.slice(0, 8)}`,
    ...move,
  };
  const text = JSON.stringify({
    sequence: first.ledger.length + 1,
    kind: row.kind,
    model: 'm',
    alias: 'champion',
    generation: 2,
    from: 1,
    to: version.version,
    hash,
    at,
    now: at,
    actor: 'mallory',
    trigger: 'manual',
    reason: 'trust me',
    forced: row.is_forced === 1,
    decision: null,
    gate: null,
  });
  remote.append([...(bytes === undefined ? [] : [made, object]), ...units], {
    versions: bytes === undefined ? [] : [version],
    moves: [{ kind: 'alias_move', key: JSON.stringify(['m', 'champion', 2, at]), row }],
    ledger: [{ text, hash: sha256(`${first.ledger.at(-1).hash}\n${text}`) }],
    aliases: [{ ...first.aliases[0], generation: 2, version: version.version, hash }],
  });
}
