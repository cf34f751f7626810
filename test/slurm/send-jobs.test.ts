import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RemoteStore } from '../../src/domain/ports/remotes.js';
import type { ListedEntry } from '../../src/domain/ports/staging.js';
import { type OutgoingJob, type StagedSubmission, sendJobs } from '../../src/execute/executors/staging/send-jobs.js';
import { listTree } from '../../src/platform/staging/list-tree.js';
import { openFolderRemote } from '../../src/remote/stores/folder.js';

const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

describe('what jobs read, on its way into the store', () => {
  let root: string;
  let share: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'refit-send-'));
    share = mkdtempSync(join(tmpdir(), 'refit-send-share-'));
    mkdirSync(join(root, 'data'));
    for (const name of ['a', 'b', 'c']) writeFileSync(join(root, 'data', name), name.repeat(10));
  });
  afterEach(() => {
    for (const folder of [root, share]) rmSync(folder, { recursive: true, force: true });
  });

  const send = async (
    limits: Partial<RemoteStore> = {},
    {
      entries,
      ending = new AbortController(),
    }: { readonly entries?: readonly ListedEntry[]; readonly ending?: AbortController } = {},
  ) => {
    const opened = await openFolderRemote(share);
    if (!opened.ok) throw new Error('the share cannot be opened');
    const services = {
      files: { root, absolute: (path: string) => join(root, path) },
      signal: ending.signal,
      surroundings: { maskedIn: () => [], variables: () => ({}) },
      staging: {
        list: (paths: readonly string[]) => ({
          ok: true,
          value: entries ?? listTree(root, paths, { mayFollow: () => true, isResult: false }),
        }),
      },
      artifacts: {
        hash: async (paths: readonly string[]) =>
          new Map(
            paths.map((path) => [
              path,
              { hash: entries === undefined ? sha256(readFileSync(join(root, path))) : 'a'.repeat(64), size: 10 },
            ]),
          ),
      },
    } as unknown as Parameters<typeof sendJobs>[0];
    const job = {
      task: 'train.1',
      argv: ['true'],
      env: {},
      tries: [],
      request: { reads: ['data'], command: { argv: ['true'] }, step: { name: 'train', outputs: [], metricsPaths: [] } },
    } as unknown as OutgoingJob;
    const submission = {
      ...{ place: { area: '0123456789abcdef', remote: { kind: 'folder', path: share } }, run: 'r1' },
      ...{ scratch: undefined, jobs: [job] },
    } as unknown as StagedSubmission;
    return sendJobs(services, { ...opened.value, ...limits }, submission, new Set());
  };
  const there = (): readonly string[] =>
    existsSync(join(share, 'staging'))
      ? (readdirSync(join(share, 'staging'), { recursive: true }) as string[]).filter((name) =>
          /[0-9a-f]{62}$|json$/.test(name),
        )
      : [];

  it('comes with the sha256 of each order, for the engine to hand over', async () => {
    const sent = await send();
    const order = there().find((name) => name.endsWith('spec.json')) ?? '';
    const text = readFileSync(join(share, 'staging', order), 'utf8');
    expect(sent).toMatchObject({ ok: true, value: { tasks: [{ task: 'train.1', sha256: sha256(text) }] } });
    expect(there()).toHaveLength(4);
  });

  it('is refused before anything is put, if the store does not take one of the files', async () => {
    const sent = await send({ mostBytes: 9 });
    expect(sent).toMatchObject({ ok: false, error: { problem: { path: 'data/a', cause: 'too-large' } } });
    expect(there()).toEqual([]);
  });

  it('is refused before anything is put, if no node could read the list of its files', async () => {
    const long = 'x'.repeat(1000);
    const entries = Array.from(
      { length: 60_000 },
      (_, i) => ({ kind: 'file', path: `data/${long}${i}`, size: 10, mode: 0o644 }) as const,
    );
    const sent = await send({}, { entries });
    expect(sent).toMatchObject({ ok: false, error: { problem: { path: 'the order of the job', cause: 'too-large' } } });
    expect(there()).toEqual([]);
  });

  it('stops when refit is to end: the order is not put', async () => {
    const ending = new AbortController();
    const opened = await openFolderRemote(share);
    const put: RemoteStore['put'] = async (name, file) => {
      ending.abort();
      return opened.ok ? opened.value.put(name, file) : opened;
    };
    expect(await send({ put }, { ending })).toEqual({ ok: false, error: 'cancelled' });
    expect(there().some((name) => name.endsWith('spec.json'))).toBe(false);
  });
});
