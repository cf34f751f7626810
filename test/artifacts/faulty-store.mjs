// One save or restore in a process of its own, whose file system fails at a chosen call: argv is
// <root> save|restore <path> [hash]; AT is the number of the call, FAULT what happens there: kill, or an error code.
// Prints { result, calls }, calls as [name, path, path?].
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [root, action, path, hash] = process.argv.slice(2);
const { AT, FAULT } = process.env;
const CHANGING = [
  'openSync',
  'writeSync',
  'fchmodSync',
  'chmodSync',
  'mkdirSync',
  'renameSync',
  'symlinkSync',
  'copyFile',
  'fsync',
];
const calls = [];
const names = new Map();

const isChange = (name, args) => name !== 'openSync' || (typeof args[1] === 'string' && args[1].startsWith('w'));
const pathOf = (value) => (typeof value === 'number' ? names.get(value) : value);

function fail(original, name, args) {
  if (FAULT === 'kill') {
    if (name === 'writeSync') original(args[0], args[1].subarray(0, args[1].length / 2));
    process.kill(process.pid, 'SIGKILL');
  }
  const error = Object.assign(new Error(`${FAULT} for the test`), { code: FAULT });
  const last = args.at(-1);
  if (typeof last !== 'function') throw error;
  last(error);
}

function patch(name) {
  const original = fs[name];
  fs[name] = (...args) => {
    if (isChange(name, args)) {
      const two = name === 'renameSync' || name === 'copyFile' ? [args[1]] : [];
      calls.push([name, pathOf(args[0]), ...two]);
      if (calls.length === Number(AT)) return fail(original, name, args);
    }
    const value = original(...args);
    if (name === 'openSync') names.set(value, args[0]);
    return value;
  };
}

for (const name of CHANGING) patch(name);
syncBuiltinESMExports();
const { openStatCache } = await import('../../dist/artifacts/hashing/stat-cache.js');
const { createArtifactStore } = await import('../../dist/artifacts/store.js');
const cache = openStatCache(':memory:');
const store = createArtifactStore(root, () => cache);
const result = action === 'save' ? await store.save(path) : await store.restore(hash, path);
process.stdout.write(JSON.stringify({ result, calls }));
