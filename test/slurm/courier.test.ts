import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunId } from '../../src/domain/ids.js';
import type { RemoteStore } from '../../src/domain/ports/remotes.js';
import { type StagedEntry, type StagedResult, stagedNames } from '../../src/domain/runs/staged-job.js';
import { err } from '../../src/domain/support/result.js';
import { instantOf } from '../../src/domain/support/time.js';
import { folderOfRun, type PlacedJob, readResult, taskName } from '../../src/execute/executors/job-folder.js';
import { type AwaitedTry, createCourier } from '../../src/execute/executors/staging/courier.js';
import { createFiles } from '../../src/platform/files.js';
import { createReach } from '../../src/platform/reach.js';
import { createStaging } from '../../src/platform/staging/staging.js';
import { openFolderRemote } from '../../src/remote/stores/folder.js';
import { until } from '../support/rig.js';

const RUN = '20260101-120000-abcdef' as RunId;
const TASK = taskName('train', 1);
const AT = { area: '0123456789abcdef', run: RUN };
const log = (restart: number): string => `.refit/logs/${RUN}/train.${restart + 1}.log`;

const tryOf = (restart: number) => ({
  number: restart + 1,
  logPath: log(restart),
  metricsPath: `.refit/jobs/${RUN}/${TASK}/train.${restart + 1}.metrics.jsonl`,
});

/** The courier between a workspace and a store in a folder, at a time that the test sets. */
async function createPost(root: string, share: string, change: (store: RemoteStore) => RemoteStore = (store) => store) {
  const opened = await openFolderRemote(share, { isMade: true });
  if (!opened.ok) throw new Error('no store');
  const store = opened.value;
  const files = createFiles(root);
  const texts: string[] = [];
  const time = { ms: 0 };
  const courier = createCourier(
    {
      clock: { now: () => instantOf(0), monotonicMs: () => time.ms },
      emit: (event) => {
        if (event.type === 'warning') texts.push(event.text);
      },
      files,
      staging: createStaging(root, createReach(root), () => files.makeScratch('staged')),
    },
    async () => ({ ok: true, value: change(store) }),
  );
  const job: PlacedJob = {
    folder: folderOfRun(RUN),
    task: TASK,
    record: {
      ...{ pipeline: 'p', step: 'train', run: RUN, batch: 0, index: 0, isArray: false, adoptedBy: [] },
      work: { stamps: {} },
      tries: [tryOf(0), tryOf(1)],
      store: {
        ...{ remote: { kind: 'folder', path: share }, area: AT.area },
        outputs: ['model.txt', 'extra.txt'],
        checkpoint: 'ckpt',
      },
    },
  };
  mkdirSync(join(root, job.folder, TASK), { recursive: true });
  mkdirSync(join(root, job.folder, 'results'), { recursive: true });
  const put = async (name: string, bytes: string): Promise<void> => {
    expect((await store.putBytes(name, bytes)).ok).toBe(true);
  };
  await put(stagedNames.spec(AT, TASK), '{}');
  const entry = async (path: string, text: string): Promise<StagedEntry> => {
    const hash = createHash('sha256').update(text).digest('hex');
    await put(stagedNames.object(AT.area, hash), text);
    return { kind: 'file', path, hash: hash as never, size: text.length, mode: 0o644 };
  };
  const look = async (restart = 0, more: Partial<AwaitedTry> = {}): Promise<void> => {
    time.ms += 6000;
    await courier.askStores([{ job, restart, isGone: false, ...more }], false);
  };
  return {
    ...{ courier, store, files, texts, time, job, put, entry },
    look,
    /** Asks until the result is in its place, which is the last thing. */
    arrives: async (restart = 0) => {
      const path = join(root, job.folder, 'results', `${TASK}.${restart}.json`);
      while (!existsSync(path) || !readFileSync(path, 'utf8').endsWith('\n')) {
        await look(restart);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    result: (restart = 0) => readResult({ files }, job, restart),
    tell: async (restart: number, outputs: readonly StagedEntry[], more: Partial<StagedResult> = {}) =>
      put(
        stagedNames.result(AT, TASK, restart),
        JSON.stringify({
          ...{ outcome: { kind: 'exited', exitCode: 0 }, isTold: false, node: 'n1', durationMs: 5, outputs, ...more },
        } satisfies StagedResult),
      ),
  };
}

describe('what comes back through a store', () => {
  let root: string;
  let share: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'refit-courier-'));
    share = mkdtempSync(join(tmpdir(), 'refit-share-'));
  });
  afterEach(() => {
    for (const folder of [root, share]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const stored = (): readonly string[] =>
    (readdirSync(share, { recursive: true }) as string[])
      .filter((path) => path.includes(`/runs/${RUN}/`) && /\.json$|\/cancelled$|\.tasks$|\/claim|\/log/.test(path))
      .map((path) => path.slice(path.indexOf(RUN) + RUN.length + 1))
      .sort();

  it('takes the place of all declared outputs: one that the job did not make is removed', async () => {
    const post = await createPost(root, share);
    writeFileSync(join(root, 'extra.txt'), 'of an earlier try');
    await post.tell(0, [await post.entry('model.txt', 'made')]);
    await post.look();
    await post.arrives();
    expect(read('model.txt')).toBe('made');
    expect(existsSync(join(root, 'extra.txt'))).toBe(false);
    expect(read(log(0))).toBe('');
  });

  it('is not taken from an earlier try than the awaited one, but for its checkpoint', async () => {
    const post = await createPost(root, share);
    await post.tell(0, [await post.entry('model.txt', 'late')]);
    await post.look(1);
    await post.look(1);
    expect([await post.result(0), await post.result(1)]).toEqual([undefined, undefined]);
    await post.tell(1, [await post.entry('model.txt', 'right')]);
    await post.look(1);
    await post.arrives(1);
    expect(read('model.txt')).toBe('right');
    expect(await post.courier.lastTry(post.job)).toEqual({ ok: true, value: 1 });

    const other = await createPost(mkdtempSync(join(root, 'other-')), mkdtempSync(join(share, 'other-')));
    await other.tell(0, [], {
      outcome: { kind: 'signalled', signal: 'SIGTERM' },
      checkpoint: [await other.entry('ckpt/epoch', '3')],
    });
    await other.look(1);
    await until(() => existsSync(join(other.files.root, 'ckpt/epoch')));
    await until(() => !other.courier.isWaitedFor(other.job));
  });

  it('stops when the next try is awaited, and replaces nothing after a cancel, a halt or a forget', async () => {
    for (const end of ['cancel', 'halt', 'forget', 'next'] as const) {
      const [place, shared] = [mkdtempSync(join(root, 'w-')), mkdtempSync(join(share, 's-'))];
      let release = (): void => undefined;
      let isFetching = false;
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      const post = await createPost(place, shared, (store) => ({
        ...store,
        get: async (name, path, size) => {
          isFetching = true;
          await gate;
          return store.get(name, path, size);
        },
      }));
      writeFileSync(join(place, 'model.txt'), 'old');
      await post.tell(0, [await post.entry('model.txt', 'new')]);
      await post.look();
      await until(() => isFetching);
      expect(post.courier.isWaitedFor(post.job)).toBe(true);
      if (end === 'next') await post.look(1);
      else await post.courier[end](post.job);
      release();
      // What was on its way could only have come now.
      await until(() => readdirSync(join(place, '.refit/tmp')).length === 0);
      await post.look(end === 'next' ? 1 : 0);
      await new Promise((resolve) => setImmediate(resolve));
      expect([end, readFileSync(join(place, 'model.txt'), 'utf8')]).toEqual([end, 'old']);
      expect(await post.result()).toBeUndefined();
    }
  });

  it('is waited for while the store lists a result and does not hand it over', async () => {
    let isAway = true;
    const post = await createPost(root, share, (store) => ({
      ...store,
      get: async (name, path, size) =>
        isAway ? err({ code: 'remote-unreachable', remote: share, reason: 'timed out' }) : store.get(name, path, size),
    }));
    await post.tell(0, [await post.entry('model.txt', 'new')]);
    for (let i = 0; i < 3; i++) {
      await post.look();
      expect(post.courier.isWaitedFor(post.job)).toBe(true);
      await until(() => post.texts.length > 0);
      await new Promise((resolve) => setImmediate(resolve));
      expect(post.courier.isWaitedFor(post.job)).toBe(true);
    }
    expect(post.texts).toEqual([expect.stringContaining('timed out')]);
    isAway = false;
    await post.look();
    await post.arrives();
    await until(() => !post.courier.isWaitedFor(post.job));
    expect(read('model.txt')).toBe('new');
  });

  it('is asked for by name where a list is older than the end of the job', async () => {
    const post = await createPost(root, share, (store) => ({
      ...store,
      list: async (folder) => {
        const listed = await store.list(folder);
        return listed.ok ? { ok: true, value: listed.value.filter(({ name }) => !name.includes('result.')) } : listed;
      },
    }));
    await post.tell(0, [await post.entry('model.txt', 'new')]);
    await post.look();
    expect(post.courier.isWaitedFor(post.job)).toBe(false);
    await post.look(0, { isGone: true });
    expect(post.courier.isWaitedFor(post.job)).toBe(true);
    await post.arrives();
  });

  it('stays in the store if the disk here refuses it', async () => {
    const post = await createPost(root, share, (store) => ({
      ...store,
      get: async (_, path) => err({ code: 'file-unwritable', path, reason: 'no space left on the disk' }),
    }));
    await post.tell(0, [await post.entry('model.txt', 'new')]);
    await post.look();
    await until(() => post.courier.stuckResult(post.job) !== undefined);
    expect(post.courier.stuckResult(post.job)).toMatchObject({
      outcome: { kind: 'exited', exitCode: 0 },
      failure: { code: 'staging-failed', cause: 'disk', doing: 'fetch', path: 'model.txt' },
    });
    expect(await post.result()).toBeUndefined();
    expect(stored()).toContain(`${TASK}/result.0.json`);
    const next = await createPost(root, share);
    await next.look();
    await next.arrives();
    expect(read('model.txt')).toBe('new');
  });

  it('joins pieces of a log, and leaves one whose beginning is missing', async () => {
    const post = await createPost(root, share);
    const piece = (from: number): string => stagedNames.log(AT, TASK, { restart: 0, from });
    await post.put(piece(0), 'one ');
    await post.put(piece(8), 'three');
    await post.put(piece(900_000_000_000), 'far');
    await post.look();
    expect(read(log(0))).toBe('one ');
    await post.put(piece(4), 'two ');
    await post.look();
    expect(read(log(0))).toBe('one two three');
    expect(stored()).toEqual([`${TASK}/log.0.900000000000`, `${TASK}/spec.json`]);
    await post.tell(0, []);
    await post.look();
    expect(await post.result()).toBeUndefined();
    post.time.ms += 60_000;
    await post.look();
    await post.arrives();
    expect(read(log(0))).toBe('one two three');
  });

  it('leaves a word for a copy that has not said its last one', async () => {
    const post = await createPost(root, share);
    await post.put(stagedNames.claim(AT, TASK, 0), '');
    await post.courier.cancel(post.job);
    await post.courier.forget(post.job);
    rmSync(join(root, post.job.folder), { recursive: true });
    await post.courier.close();
    expect(stored()).toEqual([`${TASK}/cancelled`]);

    const ended = await createPost(root, share);
    await ended.store.drop(stagedNames.cancelled(AT, TASK));
    await ended.put(stagedNames.claim(AT, TASK, 0), '');
    await ended.tell(0, []);
    await ended.courier.cancel(ended.job);
    await ended.courier.forget(ended.job);
    rmSync(join(root, post.job.folder), { recursive: true });
    await ended.courier.close();
    expect(stored()).toEqual([]);

    const twice = await createPost(root, share);
    for (const restart of [0, 1]) await twice.put(stagedNames.claim(AT, TASK, restart), '');
    await twice.tell(1, []);
    await twice.courier.forget(twice.job);
    expect(stored()).toEqual([`${TASK}/cancelled`]);
  });
});
