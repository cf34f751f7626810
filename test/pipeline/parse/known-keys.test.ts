import { describe, expect, it } from 'vitest';
import { parsePipeline } from '../../../src/pipeline/parse/parse-pipeline.js';
import { parseWorkspaceFile } from '../../../src/pipeline/parse/sections/workspace-file.js';

const suggestionsOf = (text: string): readonly (string | undefined)[] =>
  parsePipeline('p.yaml' as never, `pipeline: p\nsteps: { a: { run: x, inputs: [], outputs: [m] } }\n${text}`, {})
    .diagnostics.filter((one) => one.code === 'unknown-key')
    .map((one) => one.suggestion);

describe('a misspelt key', () => {
  it.each([
    ['approval_expires', 'model: { path: m, aproval_expires: 7d }'],
    ['max_age', 'retrain: { when: { max_aeg: 30d } }'],
    ['reference', 'monitor: { refrence: m }'],
    ['freshness', 'datasets: { d: { path: x.csv, checks: { freshnes: 2d } } }'],
    ['max_missing', 'datasets: { d: { path: x.csv, checks: { columns: { c: { max_mising: 0.1 } } } } }'],
    ['min_count', 'model: { path: m, gate: [{ metric: auc, min: 0.5, min_cuont: 3 }] }'],
    ['on_failure', 'model: { path: m, publish: { path: s, on_failre: keep } }'],
    ['per', 'retrain: { limit: { runs: 3, pre: 7d } }'],
    ['max_spread', 'model: { path: m, gate: [{ metric: auc, max_spred: 0.1 }] }'],
  ])('suggests "%s", which only the schema lists', (key, text) => {
    const [found] = suggestionsOf(text);
    expect(found).toBe(`did you mean "${key}"?`);
  });

  it('lists the known keys if none is close', () => {
    expect(suggestionsOf('model: { path: m, publish: { path: s, zzzzzzzz: 1 } }')[0]).toMatch(
      /^known keys: path, keep, /,
    );
  });

  it('is found in refit.yaml too', () => {
    const { diagnostics } = parseWorkspaceFile('refit.yaml', 'retention: { versoins: 3 }\n');
    expect(diagnostics[0]?.suggestion).toBe('did you mean "versions"?');
  });
});

describe('a value where a map belongs', () => {
  it.each([
    [
      'refit.yaml',
      'remotes: { team: /share }\n',
      '"remotes.team" must be a map, and is "/share"',
      /^write a map with keys like url, /,
    ],
    ['refit.yaml', 'remotes: /share\n', '"remotes" must be a map of names to values, and is "/share"', undefined],
    [
      'p.yaml',
      'pipeline: p\nsteps: { a: train.py }\n',
      '"steps.a" must be a map, and is "train.py"',
      /^write a map with keys like run, /,
    ],
    [
      'p.yaml',
      'pipeline: p\nsteps: { a: }\n',
      '"steps.a" must be a map, and is empty',
      /^write a map with keys like run, /,
    ],
  ])('%s, %j: is answered with the keys', (file, text, message, suggestion) => {
    const { diagnostics } =
      file === 'refit.yaml' ? parseWorkspaceFile(file, text) : parsePipeline(file as never, text, {});
    expect(diagnostics[0]?.message).toBe(message);
    if (suggestion === undefined) expect(diagnostics[0]?.suggestion).toBeUndefined();
    else expect(diagnostics[0]?.suggestion).toMatch(suggestion);
  });
});

describe('names that become names of files', () => {
  const withNames = (pipeline: string, step: string): readonly string[] =>
    parsePipeline(
      'p.yaml' as never,
      `pipeline: ${pipeline}\nsteps: { ${step}: { run: x, inputs: [], outputs: [m] } }\n`,
      {},
    ).diagnostics.map((one) => one.message);

  it('may have 100 characters', () => {
    expect(withNames('p'.repeat(100), 's'.repeat(100))).toEqual([]);
    expect(withNames('p'.repeat(101), 's')).toEqual(['"pipeline": at most 100 characters']);
    expect(withNames('p', 's'.repeat(101))[0]).toMatch(/^"steps\.s+" is no name: at most 100 characters$/);
  });

  it('are reported at the name, not at what it names', () => {
    const text = `pipeline: p\nsteps:\n  ok: { run: x, inputs: [], outputs: [m] }\n  ${'s'.repeat(101)}:\n    run: y\n    inputs: []\n`;
    const [found] = parsePipeline('p.yaml' as never, text, {}).diagnostics;
    expect(found).toMatchObject({ code: 'wrong-name', at: { line: 4, col: 3, endCol: 104 } });
  });
});

describe('a fault inside one of several forms', () => {
  it.each([
    ['{ any: [{ data_drift: true }] }', '"retrain.when.any.0.data_drift" must be a map, and is true'],
    ['{ any: { max_age: 3d } }', '"retrain.when.any" must be a list, and is a map'],
    ['{ not: [{ max_age: 3d }] }', '"retrain.when.not" must be a map, and is a list'],
    ['{ any: [{ all: [{ not: { max_agee: 3d } }] }] }', 'unknown key "max_agee" in "retrain.when.any.0.all.0.not"'],
    ['{ any: [{ max_age: 3d }], all: [{ max_age: 3d }] }', '"all" cannot stand beside "any" in "retrain.when"'],
    [
      '{ any: [{ max_age: 3d, all: [{ max_age: 3d }] }] }',
      '"max_age" cannot stand beside "all" in "retrain.when.any.0"',
    ],
  ])('%s: is named where it is', (when, message) => {
    const text = `pipeline: p\nsteps: { a: { run: x, inputs: [], outputs: [m] } }\nretrain: { when: ${when} }\n`;
    const { diagnostics } = parsePipeline('p.yaml' as never, text, {});
    expect(diagnostics.map((one) => one.message)).toEqual([message]);
  });
});
