import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenRemote } from '../../src/domain/ports/remotes.js';
import {
  confided,
  resultIn,
  type StagedResult,
  type StagedSpec,
  stagedNames,
} from '../../src/domain/runs/staged-job.js';
import type { Patience } from '../../src/platform/job/hand-back.js';
import { runStagedJob } from '../../src/platform/job/run-staged-job.js';
import { createOpenRemote } from '../../src/remote/stores/remotes.js';
import { until } from '../support/rig.js';

const AT = { area: '0123456789abcdef', run: 'r1' };
const PLACES = { outputs: ['model.txt'], metrics: '.refit/m.jsonl', checkpoint: 'ckpt' };
const PROGRAM = join(import.meta.dirname, '../../bin/refit-job.js');

/** The program on a node, with a folder as its store, and no Slurm around it. */
describe('the program on a node that does not see the workspace', () => {
  let folder: string;
  let share: string;
  let scratch: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'refit-node-'));
    chmodSync(folder, 0o755);
    [share, scratch] = [join(folder, 'share'), join(folder, 'scratch')];
    for (const one of [share, scratch]) {
      mkdirSync(one);
      chmodSync(one, 0o777);
    }
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const put = (name: string, text: string): void => {
    mkdirSync(dirname(join(share, name)), { recursive: true });
    writeFileSync(join(share, name), text);
  };
  const order = (script: string, more: Partial<StagedSpec> = {}): string => {
    const text = JSON.stringify({
      argv: ['sh', '-c', script],
      env: {},
      paths: {},
      inputs: [],
      outputs: PLACES.outputs,
      checkpoint: PLACES.checkpoint,
      scratch,
      tries: [0, 1].map((number) => ({ number, logPath: `.refit/${number}.log`, metricsPath: PLACES.metrics })),
      ...more,
    } satisfies StagedSpec);
    put(stagedNames.spec(AT, 't.1'), text);
    return text;
  };
  const envFor = (text: string): Record<string, string> => ({
    PATH: process.env.PATH ?? '',
    ...confided({
      tasks: [{ task: 't.1', sha256: createHash('sha256').update(text).digest('hex') }],
      env: { PATH: process.env.PATH ?? '', PASSWORD: 'horse' },
      masked: [],
      store: {},
    }),
  });
  const start = () => ({ ...AT, remote: { kind: 'folder', path: share } as const });
  const run = (text: string, env = {}, who = {}) => {
    const child = spawn(process.execPath, [PROGRAM, '--staged', JSON.stringify(start())], {
      ...{ env: { ...envFor(text), ...env }, stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' },
      ...who,
    });
    children.push(child);
    let stderr = '';
    child.stderr?.on('data', (chunk) => {
      stderr += String(chunk);
    });
    return new Promise<{ exit: number | null; stderr: string }>((resolve) =>
      child.on('close', (exit) => resolve({ exit, stderr })),
    );
  };
  const here = (
    text: string,
    { open, patience }: { readonly open?: (openRemote: OpenRemote) => OpenRemote; readonly patience?: Patience } = {},
  ): Promise<number> => {
    const openRemote = createOpenRemote('/', {}, { signal: new AbortController().signal, abandon: () => undefined });
    return runStagedJob(start(), envFor(text), {
      openRemote: open?.(openRemote) ?? openRemote,
      ...(patience && { patience }),
    });
  };
  const result = (restart = 0): StagedResult | undefined => {
    const path = join(share, stagedNames.result(AT, 't.1', restart));
    return existsSync(path) ? resultIn(readFileSync(path, 'utf8'), PLACES) : undefined;
  };
  const left = (): readonly string[] => readdirSync(scratch);
  const objects = (): readonly string[] =>
    existsSync(join(share, stagedNames.area(AT.area), 'objects'))
      ? (readdirSync(join(share, stagedNames.area(AT.area), 'objects'), { recursive: true }) as string[]).filter(
          (name) => name.length > 10 && !name.startsWith('e3/b0c44298'),
        )
      : [];

  it('does what its order says, and leaves nothing behind', async () => {
    const text = order('echo $PASSWORD > model.txt; mkdir -p deep/shut; chmod 555 deep/shut');
    expect(await run(text)).toEqual({ exit: 0, stderr: '' });
    expect(result()).toMatchObject({ outcome: { kind: 'exited', exitCode: 0 }, outputs: [{ path: 'model.txt' }] });
    expect(left()).toEqual([]);
  });

  it('runs no order but the one that refit has written', async () => {
    const text = order('echo good > model.txt');
    order(`echo "$PASSWORD" > ${folder}/stolen`);
    expect((await run(text)).exit).toBe(1);
    expect(existsSync(join(folder, 'stolen'))).toBe(false);
    expect(result()).toMatchObject({ outputs: [], problem: { path: 'the order of the job', cause: 'damaged' } });
  });

  it('waits for a store that is away when the command ends, and puts back what was made', async () => {
    const text = order(`echo said; mv ${share} ${share}-away; echo made > model.txt`);
    const running = run(text);
    await until(() => existsSync(`${share}-away`));
    // Longer than the pauses between tries at the beginning of a job.
    await delay(14_000);
    expect(left()).toHaveLength(1);
    renameSync(`${share}-away`, share);
    expect((await running).exit).toBe(0);
    expect(result()).toMatchObject({ outcome: { exitCode: 0 }, outputs: [{ path: 'model.txt' }] });
    expect(objects()).toHaveLength(1);
    expect(left()).toEqual([]);
  }, 40_000);

  it('takes an empty store for one that is away', async () => {
    const text = order(`mv ${share} ${share}-away; mkdir ${share}; echo made > model.txt`);
    const running = here(text, { patience: { forMs: 60_000, firstPauseMs: 50 } });
    await until(() => objects().length === 1);
    await delay(200);
    expect(result()).toBeUndefined();
    rmSync(share, { recursive: true });
    renameSync(`${share}-away`, share);
    expect(await running).toBe(0);
    expect(result()).toMatchObject({ outputs: [{ path: 'model.txt' }] });
    expect(objects()).toHaveLength(1);
  });

  it('ends where refit has taken its result, though the answer of the store was lost', async () => {
    const text = order('echo made > model.txt');
    const open: (openRemote: OpenRemote) => OpenRemote = (openRemote) => async (target, options) => {
      const opened = await openRemote(target, options);
      if (!opened.ok) return opened;
      const store = opened.value;
      const putBytes: typeof store.putBytes = async (name, bytes) => {
        const put = await store.putBytes(name, bytes);
        if (!name.includes('/result.')) return put;
        rmSync(join(share, stagedNames.run(AT)), { recursive: true });
        return { ok: false, error: { code: 'remote-unreachable', remote: share, reason: 'cut' } };
      };
      return { ok: true, value: { ...store, putBytes } };
    };
    expect(await here(text, { open, patience: { forMs: 60_000, firstPauseMs: 50 } })).toBe(0);
    expect(left()).toEqual([]);
  });

  it('keeps what was made when it gives up', async () => {
    const text = order(`mv ${share} ${share}-away; echo made > model.txt`);
    expect(await here(text, { patience: { forMs: 200, firstPauseMs: 50 } })).toBe(76);
    const [kept = ''] = left();
    expect(readFileSync(join(scratch, kept, 'model.txt'), 'utf8')).toBe('made\n');
    renameSync(`${share}-away`, share);
  });

  it('puts the checkpoint where the outputs cannot be put, and says where these are', async () => {
    const text = order('ln -s /nowhere model.txt; mkdir model; ln -s ../../etc model/out; echo 1 > ckpt/epoch', {
      outputs: ['model'],
    });
    expect(await here(text)).toBe(1);
    const [kept = ''] = left();
    expect(readFileSync(join(share, stagedNames.result(AT, 't.1', 0)), 'utf8')).toContain('"cause":"link"');
    expect(result()).toMatchObject({
      outputs: [],
      problem: { doing: 'put', path: 'model/out', kept: join(scratch, kept) },
      checkpoint: [{ path: 'ckpt' }, { path: 'ckpt/epoch' }],
    });
  });

  it('says that a file is too large for the store, at once, and keeps it', async () => {
    const text = order('echo "longer than three" > model.txt');
    const open: (openRemote: OpenRemote) => OpenRemote = (openRemote) => async (target, options) => {
      const opened = await openRemote(target, options);
      return opened.ok ? { ...opened, value: { ...opened.value, mostBytes: 3 } } : opened;
    };
    expect(await here(text, { open })).toBe(1);
    expect(result()).toMatchObject({ problem: { path: 'model.txt', cause: 'too-large', kept: expect.any(String) } });
    expect(objects()).toEqual([]);
    expect(left()).toHaveLength(1);
  });

  it('says nothing when another try has begun meanwhile, or refit has cancelled the job', async () => {
    const claimed = order(`touch ${share}/${stagedNames.claim(AT, 't.1', 1)}; echo made > model.txt`);
    expect((await run(claimed)).exit).toBe(0);
    expect(result()).toBeUndefined();
    rmSync(join(share, stagedNames.claim(AT, 't.1', 1)));
    const cancelled = order(`touch ${share}/${stagedNames.cancelled(AT, 't.1')}; echo made > model.txt`);
    expect((await run(cancelled)).exit).toBe(0);
    expect(result()).toBeUndefined();
    expect(left()).toEqual([]);
  });

  it('removes folders that may not be written, and those of jobs that were killed', async () => {
    const folderOf = (pid: number, ageMs: number, name = 'aaaaaa'): string => {
      const path = join(scratch, `refit-job-7-${hostname()}-${pid}-${name}`);
      mkdirSync(path);
      const at = new Date(Date.now() - ageMs);
      utimesSync(path, at, at);
      return path;
    };
    const day = 25 * 3_600_000;
    const dead = 2 ** 22 + 1;
    folderOf(dead, day);
    const [alive, young, kept] = [
      folderOf(process.pid, day),
      folderOf(dead, 0, 'bbbbbb'),
      folderOf(dead, day, 'cccccc'),
    ];
    writeFileSync(join(kept, '.refit-kept'), '');
    utimesSync(kept, 0, 0);
    const text = order('mkdir shut; touch shut/file; chmod 555 shut; echo made > model.txt');
    expect((await run(text)).exit).toBe(0);
    expect(
      left()
        .map((name) => join(scratch, name))
        .sort(),
    ).toEqual([alive, young, kept].sort());
  });

  it.runIf(process.getuid?.() === 0)('removes its folder as a user who may not write in it', async () => {
    const text = order('mkdir shut; touch shut/file; chmod 555 shut; echo made > model.txt');
    for (const path of readdirSync(share, { recursive: true }) as string[]) chmodSync(join(share, path), 0o777);
    expect((await run(text, {}, { uid: 65_534, gid: 65_534 })).exit).toBe(0);
    expect(result()).toMatchObject({ outputs: [{ path: 'model.txt' }] });
    expect(left()).toEqual([]);
  });
});
