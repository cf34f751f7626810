import { readdirSync } from 'node:fs';
import { cruise, type IModule } from 'dependency-cruiser';
import { beforeAll, describe, expect, it } from 'vitest';
import { ADAPTERS, BESIDE, complaint, kindOf, ORDER, PACKAGE_ROOMS, roomOf } from './import-table.js';

let modules: readonly IModule[] = [];

beforeAll(async () => {
  const result = await cruise(['src'], {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    ruleSet: {},
  });
  if (typeof result.output === 'string') throw new Error('dependency-cruiser gave a report, not modules');
  modules = result.output.modules.filter((module) => module.source.startsWith('src/'));
});

const imports = () =>
  modules.flatMap((module) => module.dependencies.map((dependency) => ({ from: module.source, dependency })));

const inside = () =>
  imports().flatMap(({ from, dependency }) =>
    dependency.resolved.startsWith('src/') ? [{ from, to: dependency.resolved }] : [],
  );

/** One way round, as names, or `undefined` where there is none. */
function findCycle(arrows: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (at: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(at)) return [...path.slice(path.indexOf(at)), at];
    if (done.has(at)) return undefined;
    for (const next of arrows.get(at) ?? []) {
      const cycle = visit(next, [...path, at]);
      if (cycle !== undefined) return cycle;
    }
    done.add(at);
    return undefined;
  };
  for (const start of arrows.keys()) {
    const cycle = visit(start, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

function arrowsBetween(folderOf: (path: string) => string | undefined): ReadonlyMap<string, ReadonlySet<string>> {
  const arrows = new Map<string, Set<string>>();
  for (const { from, to } of inside()) {
    const [a, b] = [folderOf(from), folderOf(to)];
    if (a === undefined || b === undefined || a === b) continue;
    arrows.set(a, (arrows.get(a) ?? new Set()).add(b));
  }
  return arrows;
}

describe('the import table', () => {
  it('saw the whole of src, with its imports', () => {
    const files = readdirSync('src', { recursive: true }).filter((file) => /\.tsx?$/.test(String(file)));
    expect(modules.length).toBe(files.length);
    expect(imports().length).toBeGreaterThan(files.length);
  });

  it('knows every folder of src', () => {
    const known = new Set<string>([...ORDER, ...BESIDE, ...ADAPTERS, 'cli', 'domain', 'statistics', 'main']);
    expect([...new Set(modules.map((module) => roomOf(module.source)))].filter((room) => !known.has(room))).toEqual([]);
  });

  it('holds for every import', () => {
    expect(inside().flatMap(({ from, to }) => complaint(from, to) ?? [])).toEqual([]);
  });

  it('refuses what it should refuse', () => {
    const refused: readonly (readonly [string, string])[] = [
      ['src/drift/judge/judge-table.ts', 'src/drift/check-drift.ts'],
      ['src/drift/judge/judge-table.ts', 'src/platform/clock.ts'],
      ['src/drift/views/drift-view.ts', 'src/render/tty.ts'],
      ['src/data/check-data.ts', 'src/drift/check-drift.ts'],
      ['src/retrain/retrain.ts', 'src/status/status.ts'],
      ['src/retrain/retrain.ts', 'src/registry/database/registry.ts'],
      ['src/registry/database/registry.ts', 'src/platform/clock.ts'],
      ['src/cli/action.ts', 'src/run/run-pipeline.ts'],
      ['src/domain/failure.ts', 'src/statistics/auc.ts'],
    ];
    expect(refused.filter(([from, to]) => complaint(from, to) === undefined)).toEqual([]);
  });

  it('keeps each package in its rooms', () => {
    const wrong = imports().filter(({ from, dependency }) => {
      if (dependency.resolved.startsWith('src/') || dependency.coreModule) return false;
      const name = /^(@[^/]+\/)?[^/]+/.exec(dependency.module)?.[0] ?? dependency.module;
      return !PACKAGE_ROOMS[name]?.some((room) => room === roomOf(from) || room === kindOf(from));
    });
    expect(wrong.map(({ from, dependency }) => `${from} → ${dependency.module}`)).toEqual([]);
  });

  it('resolves every import, and no files import each other in a circle', () => {
    const broken = imports().filter(({ dependency }) => dependency.couldNotResolve);
    expect(broken.map(({ from, dependency }) => `${from} → ${dependency.module}`)).toEqual([]);
    const circular = imports().filter(({ dependency }) => dependency.circular);
    expect(circular.map(({ from, dependency }) => `${from} → ${dependency.resolved}`)).toEqual([]);
  });

  it('has no circle between the rooms', () => {
    // Commands and main may reach use cases of any room below; the circle that matters is the one between rooms.
    expect(
      findCycle(arrowsBetween((path) => (kindOf(path) === 'services' ? undefined : roomOf(path)))),
    ).toBeUndefined();
  });

  it('allows at most 25 files in a folder', () => {
    const counts = new Map<string, number>();
    for (const top of ['src', 'test'])
      for (const entry of readdirSync(top, { recursive: true, withFileTypes: true }))
        if (entry.isFile()) counts.set(entry.parentPath, (counts.get(entry.parentPath) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > 25)).toEqual([]);
  });
});
