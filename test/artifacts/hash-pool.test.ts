import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** A copy of what the build made, whose threads can be broken. */
const copy = mkdtempSync(join(tmpdir(), 'refit-threads-'));
const worker = join(copy, 'dist/artifacts/hashing/hash-worker.js');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const expected = Array.from({ length: 12 }, (_, i) => sha256(String(i).repeat(12 << 20)));

beforeAll(() => {
  for (const part of ['dist/artifacts', 'dist/domain', 'package.json'])
    cpSync(part, join(copy, part), { recursive: true });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  for (let i = 0; i < 12; i++) writeFileSync(join(copy, String(i)), String(i).repeat(12 << 20));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** What a process answers that hashes the files and then has nothing more to do. It must end by itself. */
function hashesOf(rounds: number): unknown {
  const script = `
    import { createHashPool } from './dist/artifacts/hashing/hash-pool.js';
    const pool = createHashPool();
    const files = [...Array(12).keys()].map((i) => ({ path: String(i), size: i < 10 ? 12 << 20 : 24 << 20 }));
    const answers = [];
    for (let i = 0; i < ${rounds}; i++)
      answers.push(...await Promise.all([pool.hash(files), pool.hash([...files].reverse()), pool.hash([{ path: 'gone', size: 1e9 }])]));
    console.log(JSON.stringify(answers.map((answer) => answer.map((one) => one.hash ?? one.code))));`;
  const args = ['--input-type=module', '-e', script];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: copy, timeout: 60_000 }).toString());
}

const round = [expected, [...expected].reverse(), ['ENOENT']];

it('hashes several lists at once, in order, and lets the process end', () => {
  expect(hashesOf(2)).toEqual([...round, ...round]);
});

it.each([
  ['cannot start', 'throw new Error("no thread today");'],
  ['die at a task', 'export default () => new Promise(() => setTimeout(() => { throw new Error("dies"); }));'],
])('reads in this thread what is missing when threads %s', (_, text) => {
  writeFileSync(worker, text);
  expect(hashesOf(2)).toEqual([...round, ...round]);
});
