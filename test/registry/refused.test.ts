import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../src/registry/database/migrations/index.js';
import { createRig, type Rig } from '../support/rig.js';

const PIPELINE = `pipeline: p
steps: { a: { run: 'echo 1 > m.txt', inputs: [], outputs: [m.txt] } }
model: { path: m.txt, first: accept, gate: [{ smoke: 'true' }], publish: { path: serving } }
`;

const COMMANDS = [
  ['status'],
  ['validate'],
  ['plan', 'p'],
  ['run', 'p'],
  ['retrain', '--all'],
  ['promote', 'p@1', '--reason', 'x'],
  ['doctor', '--repair'],
  ['verify'],
  ['gc', '--apply'],
  ['registry', 'backup', 'copy.db'],
  ['push', './share'],
];

/** Every file with its content. */
const snapshot = (rig: Rig) => rig.files().map((file) => [file, rig.read(file)]);

describe.each([1, 100])('a workspace that a refit with %i more migrations has used', (more) => {
  it('is refused in two lines by every command, and nothing in it changes', async () => {
    using rig = createRig({ 'pipelines/p.yaml': PIPELINE });
    await rig.json(0, 'run', 'p');
    const db = new Database(`${rig.root}/.refit/registry.db`);
    db.pragma(`user_version = ${MIGRATIONS.length + more}`);
    db.close();
    const before = snapshot(rig);
    for (const args of COMMANDS) {
      const { exit, stderr } = await rig.refit(...args);
      expect([args[0], exit]).toEqual([args[0], 1]);
      expect(stderr.trimEnd().split('\n')).toEqual([
        `error registry-unusable the registry ${rig.root}/.refit/registry.db cannot be used: it was written by a newer refit (format ${MIGRATIONS.length + more}, this one knows ${MIGRATIONS.length})`,
        '  → use that refit here too, or a newer one; nothing was opened or changed',
      ]);
      expect(snapshot(rig)).toEqual(before);
    }
  });
});

/** Lets the compiled part of better-sqlite3 fail to load, with the words of Node. */
const failingToLoad = (message: string): string => `const load = process.dlopen;
process.dlopen = (module, file, ...rest) => {
  if (!file.includes('better_sqlite3')) return load(module, file, ...rest);
  throw Object.assign(new Error(${JSON.stringify(message)}), { code: 'ERR_DLOPEN_FAILED' });
};
`;

it.each([
  [
    'another Node built it',
    "The module '/x/better_sqlite3.node'\nwas compiled against a different Node.js version using\nNODE_MODULE_VERSION 115. This version of Node.js requires\nNODE_MODULE_VERSION 127. Please try re-compiling or re-installing\nthe module (for instance, using `npm rebuild` or `npm install`).",
    `better-sqlite3 was built for another version of Node.js than ${process.version}`,
  ],
  [
    'a library is missing',
    'libstdc++.so.6: cannot open shared object file: No such file or directory',
    'better-sqlite3 cannot be loaded: libstdc++.so.6: cannot open shared object file: No such file or directory',
  ],
])('says what to run when %s', async (_, message, reason) => {
  using files = createRig({ 'fail.cjs': failingToLoad(message) });
  using rig = createRig({ 'pipelines/p.yaml': PIPELINE }, { NODE_OPTIONS: `--require ${files.root}/fail.cjs` });
  for (const args of COMMANDS) {
    const { exit, stderr } = await rig.refit(...args);
    expect([args[0], exit]).toEqual([args[0], 1]);
    const [what, next, ...more] = stderr.trimEnd().split('\n');
    expect(what).toContain(`cannot be used: ${reason}`);
    expect(next).toMatch(/^ {2}→ run: cd \/.* && npm rebuild better-sqlite3$/);
    expect(more).toEqual([]);
  }
});
