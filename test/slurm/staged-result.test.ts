import { describe, expect, it } from 'vitest';
import { resultIn } from '../../src/domain/runs/staged-job.js';

const PLACES = { outputs: ['out', 'model.txt'], metrics: '.refit/m.jsonl', checkpoint: 'ckpt' };
const WHOLE = { outcome: { kind: 'exited', exitCode: 0 }, isTold: false, node: 'n1', durationMs: 5, outputs: [] };
const FOLDER = { kind: 'folder', path: 'out', mode: 0o755 };
const FILE = { kind: 'file', path: 'out/x', hash: 'a'.repeat(64), size: 1, mode: 0o644 };

const read = (more: object) => resultIn(JSON.stringify({ ...WHOLE, ...more }), PLACES);

describe('a result as a store says it', () => {
  it('is taken with files, folders and links within an output', () => {
    expect(read({ outputs: [FOLDER, FILE, { kind: 'link', path: 'out/y', target: 'x' }] })).toBeDefined();
    expect(
      read({ problem: { doing: 'put', path: 'out', cause: 'disk', reason: 'full', kept: '/tmp/x' } }),
    ).toBeDefined();
  });

  it.each([
    ['an output that is a link', { outputs: [{ kind: 'link', path: 'out', target: 'pipelines' }] }],
    ['an output file that is a link', { outputs: [{ kind: 'link', path: 'model.txt', target: '.env' }] }],
    ['a link out of an output', { outputs: [FOLDER, { kind: 'link', path: 'out/y', target: '../.env' }] }],
    ['an absolute link', { outputs: [FOLDER, { kind: 'link', path: 'out/y', target: '/etc/passwd' }] }],
    ['a file below a link', { outputs: [{ ...FOLDER, kind: 'link', target: 'z' }, FILE] }],
    ['a file elsewhere', { outputs: [{ ...FILE, path: 'pipelines/p.yaml' }] }],
    ['metrics that are a link', { metrics: { kind: 'link', path: '.refit/m.jsonl', target: 'x' } }],
    ['metrics below their place', { metrics: { ...FILE, path: '.refit/m.jsonl/x' } }],
    ['a link out of the checkpoint', { checkpoint: [{ kind: 'link', path: 'ckpt/y', target: '../.env' }] }],
    ['a problem without a cause', { problem: { doing: 'put', path: 'out', reason: 'full' } }],
    ['a problem of another kind', { problem: { doing: 'put', path: 'out', cause: 'because', reason: 'full' } }],
    ['a problem in place of words', { problem: { doing: 'put', path: {}, cause: 'disk', reason: 'full' } }],
  ])('is refused with %s', (_, more) => {
    expect(read(more)).toBeUndefined();
  });
});
