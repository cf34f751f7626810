import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

const REFIT = resolve('bin/refit.js');

function canTrace(): boolean {
  const isThere = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0;
  if (!isThere) process.stderr.write('skipped: strace cannot watch processes here\n');
  return isThere;
}

interface Call {
  readonly name: string;
  /** Absolute path that was created, renamed to or synced. */
  readonly path: string;
  /** The old path of a rename. */
  readonly from?: string;
}

/** Successful calls, in order. strace's `-y` gives the file behind a descriptor. */
function callsOf(trace: string, cwd: string): readonly Call[] {
  const at = (path: string): string => resolve(cwd, path);
  const begun = new Map<string, string>();
  return trace.split('\n').flatMap((part): readonly Call[] => {
    // strace splits concurrent calls into "unfinished" and "resumed" lines; the position of the end counts.
    const [, pid = '', begin] = /^(\d+)\s+(.*) <unfinished \.\.\.>$/.exec(part) ?? [];
    if (begin !== undefined) begun.set(pid, begin);
    const [, own = '', end] = /^(\d+)\s+<\.\.\. \w+ resumed>(.*)$/.exec(part) ?? [];
    const line = end === undefined ? part : `${own} ${begun.get(own) ?? ''}${end}`;
    const [, name = '', args = '', result] = /^\d+\s+(\w+)\((.*)\)\s+= (-?\d+)/.exec(line) ?? [];
    if (result === undefined || Number(result) < 0) return [];
    const quoted = [...args.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((one) => at(one[1] ?? ''));
    if (/^f(data)?sync$/.test(name)) return [{ name: 'sync', path: /<(.*?)>/.exec(args)?.[1] ?? '' }];
    if (/^rename/.test(name)) return [{ name: 'rename', path: quoted[1] ?? '', from: quoted[0] ?? '' }];
    return quoted.length === 0 ? [] : [{ name, path: quoted.at(-1) ?? '' }];
  });
}

// A kill keeps the page cache. After a power loss only synced data remains, so the test checks the system calls.
it.skipIf(!canTrace())(
  'syncs every new name of a first publication to disk, and file contents before their names',
  async () => {
    using rig = createRig({
      'pipelines/m.yaml': `pipeline: m
steps: { train: { run: "mkdir -p out/sub; cp in.txt out/a.txt; cp in.txt out/sub/b.txt", inputs: [in.txt], outputs: [out] } }
model: { path: out, publish: { path: deep/er/m } }
`,
      'in.txt': 'bytes',
    });
    await rig.json(0, 'run', 'm');
    const root = realpathSync(rig.root);
    const traced = spawnSync(
      'strace',
      [
        '-f',
        '-y',
        '-s',
        '4096',
        '-o',
        join(root, 'trace.txt'),
        '-e',
        'trace=mkdir,mkdirat,rename,renameat,renameat2,symlink,symlinkat,fsync,fdatasync',
        process.execPath,
        REFIT,
        'promote',
        'm@1',
        '--reason',
        'first',
      ],
      { cwd: root, encoding: 'utf8' },
    );
    expect(traced.status, traced.stderr).toBe(0);
    const calls = callsOf(rig.read('trace.txt'), root);
    const published = join(root, 'deep');
    const isOurs = ({ path }: Call): boolean => path === published || path.startsWith(`${published}/`);
    const named = calls.flatMap((call, i) => (call.name !== 'sync' && isOurs(call) ? [{ ...call, i }] : []));
    expect(named.map(({ name }) => name)).toEqual(expect.arrayContaining(['mkdir', 'rename', 'symlink']));
    const isSynced = (path: string, from: number, until = calls.length): boolean =>
      calls.slice(from, until).some((call) => call.name === 'sync' && call.path === path);
    // A temporary link is renamed at once, and its folder is synced after that.
    const lost = named.filter(({ path, i, name }) => name !== 'symlink' && !isSynced(dirname(path), i));
    // A name that a later rename removed needs no sync of its own.
    const moved = new Set(named.flatMap(({ from }) => from ?? []));
    expect(lost.filter(({ path }) => !moved.has(path)).map(({ name, path }) => `${name} ${path}`)).toEqual([]);
    const whole = named.find(({ from, path }) => from !== undefined && /versions\/1-[0-9a-f]{8}$/.test(path));
    const staged = whole?.from ?? '';
    for (const file of ['a.txt', 'sub/b.txt'])
      expect(
        calls.slice(0, whole?.i).some(({ name, path }) => name === 'sync' && path.endsWith(`/${file}`)),
        file,
      ).toBe(true);
    expect(isSynced(staged, 0, whole?.i)).toBe(true);
    // the manifest in the folder and the pointer beside it: their bytes before their names
    const renamed = (name: string) => named.find((call) => call.from !== undefined && call.path.endsWith(name));
    for (const file of ['/refit.json', '/m/current.json']) {
      const call = renamed(file);
      expect(isSynced(call?.from ?? '', 0, call?.i), file).toBe(true);
    }
    // the link, which is the commit point, before the pointer: it does not wait for the next name in the folder
    const [link, pointer] = [renamed('/m/current'), renamed('/m/current.json')];
    expect(isSynced(dirname(link?.path ?? ''), link?.i ?? calls.length, pointer?.i)).toBe(true);
  },
);
