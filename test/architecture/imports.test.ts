import { readdirSync } from 'node:fs';
import { cruise, type IModule } from 'dependency-cruiser';
import { beforeAll, describe, expect, it } from 'vitest';
import { ALLOWED_IMPORTS, PACKAGE_ROOMS, roomOf } from './import-table.js';

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

const arrows = () =>
  modules.flatMap((module) => module.dependencies.map((dependency) => ({ from: module.source, dependency })));

describe('the import table', () => {
  it('saw the whole of src, with its imports', () => {
    const files = readdirSync('src', { recursive: true }).filter((file) => String(file).endsWith('.ts'));
    expect(modules.length).toBe(files.length);
    expect(arrows().length).toBeGreaterThan(files.length);
  });

  it('knows every folder of src', () => {
    const rooms = new Set(modules.map((module) => roomOf(module.source)));
    expect([...rooms].filter((room) => ALLOWED_IMPORTS[room] === undefined)).toEqual([]);
  });

  it('holds between folders', () => {
    const wrong = arrows().filter(({ from, dependency }) => {
      if (!dependency.resolved.startsWith('src/')) return false;
      const [here, there] = [roomOf(from), roomOf(dependency.resolved)];
      return here !== there && !ALLOWED_IMPORTS[here]?.includes(there);
    });
    expect(wrong.map(({ from, dependency }) => `${from} → ${dependency.resolved}`)).toEqual([]);
  });

  it('keeps each package in its rooms', () => {
    const wrong = arrows().filter(({ from, dependency }) => {
      if (dependency.resolved.startsWith('src/') || dependency.coreModule) return false;
      const name = /^(@[^/]+\/)?[^/]+/.exec(dependency.module)?.[0] ?? dependency.module;
      const room = roomOf(from) === 'services' ? 'cli' : roomOf(from);
      return !PACKAGE_ROOMS[name]?.includes(room);
    });
    expect(wrong.map(({ from, dependency }) => `${from} → ${dependency.module}`)).toEqual([]);
  });

  it('resolves every import and has no cycle', () => {
    const broken = arrows().filter(({ dependency }) => dependency.couldNotResolve);
    expect(broken.map(({ from, dependency }) => `${from} → ${dependency.module}`)).toEqual([]);
    const circular = arrows().filter(({ dependency }) => dependency.circular);
    expect(circular.map(({ from, dependency }) => `${from} → ${dependency.resolved}`)).toEqual([]);
  });
});
