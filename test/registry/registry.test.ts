import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type {
  ContentHash,
  Fingerprint,
  ModelName,
  PipelineName,
  RunId,
  StepName,
  WorkspacePath,
} from '../../src/domain/ids.js';
import type { Registry } from '../../src/domain/ports/registry.js';
import { instantOf } from '../../src/domain/support/time.js';
import { openRegistry } from '../../src/registry/database/registry.js';

let folder = '';
let path = '';
const at = instantOf(Date.UTC(2026, 0, 1));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'refit-registry-'));
  path = join(folder, '.refit/registry.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(mode: 'read' | 'write' = 'write'): Registry {
  const registry = openRegistry(path, mode);
  if (!registry.ok) throw new Error(JSON.stringify(registry.error));
  return registry.value;
}

const startRun = (registry: Registry, pipeline = 'p'): RunId => {
  const id = registry.runs.newId(at);
  registry.runs.start({
    id,
    pipeline: pipeline as PipelineName,
    file: 'pipelines/p.yaml',
    definition: { hash: 'd'.repeat(64) as ContentHash, text: 'pipeline: p' },
    trigger: { kind: 'manual' },
    params: { x: 1 },
    now: at,
    isNowGiven: false,
    startedAt: at,
    code: { isDirty: false, untracked: [] },
    actor: 'me',
    environment: { host: 'h', platform: 'p', tools: {} },
    process: { pid: 1, startTime: '', bootId: '' },
  });
  return id;
};

const version = (run: RunId, hash: string, fingerprint: string) => ({
  model: 'm' as ModelName,
  hash: hash.repeat(64) as ContentHash,
  kind: 'file' as const,
  size: 1,
  path: 'model.json' as WorkspacePath,
  run,
  fingerprint: fingerprint as Fingerprint,
  registeredAt: at,
});

it('creates no file when opened for reading', () => {
  using registry = open('read');
  expect(registry.runs.list({ limit: 5 })).toEqual([]);
  expect(existsSync(path)).toBe(false);
});

it('refuses to rewrite history', () => {
  using registry = open();
  registry.models.register(version(startRun(registry), 'a', 'f'));
  const db = new Database(path);
  for (const sql of ["UPDATE model_version SET hash = 'x'", 'DELETE FROM model_version'])
    expect(() => db.exec(sql)).toThrow('append-only');
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE name LIKE '%_no_update'").all();
  expect(tables.length).toBeGreaterThanOrEqual(10);
  db.close();
});

it('gives the same bytes and fingerprint the same version, and other bytes the next version', () => {
  using registry = open();
  const run = startRun(registry);
  expect(registry.models.register(version(run, 'a', 'f'))).toMatchObject({ isNew: true, version: { version: 1 } });
  expect(registry.models.register(version(run, 'a', 'f'))).toMatchObject({ isNew: false, version: { version: 1 } });
  expect(registry.models.register(version(run, 'b', 'f'))).toMatchObject({ isNew: true, version: { version: 2 } });
});

it('forgets the fingerprint of a step when it starts, and remembers only successful results', () => {
  using registry = open();
  const run = startRun(registry);
  const step = 's' as StepName;
  const start = () => registry.runs.startExecution({ run, step, reasons: [], startedAt: at });
  const end = {
    finishedAt: at,
    reads: [],
    writes: [
      { path: 'o' as WorkspacePath, artifact: { hash: 'a'.repeat(64) as ContentHash, kind: 'file' as const, size: 1 } },
    ],
    metrics: [{ key: 'auc', value: 0.5 }],
  };
  const first = start();
  registry.runs.finishExecution(first, {
    ...end,
    status: 'succeeded',
    remember: { fingerprint: 'f' as Fingerprint, parts: { command: 'x' } },
  });
  expect(registry.runs.remembered('p' as PipelineName).get(step)).toMatchObject({
    fingerprint: 'f',
    outputs: [{ path: 'o' }],
  });
  const second = start();
  expect(registry.runs.remembered('p' as PipelineName).get(step)).toBeUndefined();
  registry.runs.finishExecution(second, { ...end, status: 'failed', writes: [], metrics: [] });
  expect(registry.runs.remembered('p' as PipelineName).get(step)).toBeUndefined();
  expect(registry.runs.lastSuccess('p' as PipelineName, step)?.execution).toBe(first);
  expect(registry.runs.metrics(first)).toEqual([{ key: 'auc', value: 0.5 }]);
  expect(registry.runs.artifactAt(run, 'o' as WorkspacePath)?.artifact.size).toBe(1);
});

it('moves an alias only from the expected version, with one open intent at a time', () => {
  using registry = open();
  const run = startRun(registry);
  registry.models.register(version(run, 'a', 'f'));
  const intent = {
    expectedGeneration: 0,
    openedAt: at,
    hooks: [],
    move: {
      model: 'm' as ModelName,
      alias: 'champion',
      kind: 'promotion' as const,
      to: 1,
      toHash: 'a'.repeat(64) as ContentHash,
      reason: 'r',
      isForced: false,
      actor: 'me',
      movedAt: at,
      now: at,
    },
  };
  const id = registry.models.openIntent(intent);
  expect(id).toBeDefined();
  expect(registry.models.openIntent(intent)).toBeUndefined();
  if (id !== undefined) registry.models.commitIntent(id, at);
  expect(registry.models.openIntent(intent)).toBeUndefined();
  expect(registry.models.alias('m' as ModelName, 'champion')).toMatchObject({ generation: 1, to: 1 });
  const next = registry.models.openIntent({ ...intent, expectedGeneration: 1 });
  if (next !== undefined) registry.models.abortIntent(next, at, 'killed');
  expect(registry.models.openIntents()).toEqual([]);
});

it('lets many processes start at once and number versions without a gap', async () => {
  const script = `import { openRegistry } from ${JSON.stringify(resolve('dist/registry/database/registry.js'))};
    const opened = openRegistry(${JSON.stringify(path)}, 'write');
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    const { runs, models } = opened.value;
    for (let i = 0; i < 20; i++) {
      const run = runs.newId(0);
      runs.start({ id: run, pipeline: 'p', file: 'f', definition: { hash: 'd', text: 't' }, trigger: { kind: 'manual' }, params: {}, now: 0, isNowGiven: false,
        startedAt: 0, code: { isDirty: false, untracked: [] }, actor: 'me', environment: { host: 'h', platform: 'p', tools: {} }, process: { pid: 1, startTime: '', bootId: '' } });
      models.register({ model: 'm', hash: process.pid + '-' + i, kind: 'file', size: 1, path: 'p', run, registeredAt: 0 });
    }`;
  const run = promisify(execFile);
  await Promise.all(Array.from({ length: 6 }, () => run(process.execPath, ['--input-type=module', '-e', script])));
  using registry = open();
  const numbers = registry.models.versions('m' as ModelName).map((one) => one.version);
  expect(numbers).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
});
