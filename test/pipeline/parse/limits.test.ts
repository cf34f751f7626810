import { expect, it } from 'vitest';
import type { WorkspacePath } from '../../../src/domain/ids.js';
import { checkLimits } from '../../../src/pipeline/parse/check-limits.js';
import { parsePipeline } from '../../../src/pipeline/parse/parse-pipeline.js';
import { resourceLimits } from '../../../src/pipeline/parse/sections/limits.js';
import { parseWorkspaceFile } from '../../../src/pipeline/parse/sections/workspace-file.js';

const MACHINE = { cpus: 4, memoryBytes: 8 * 2 ** 30 };

it('takes GPUs from an inherited list as CUDA does, else numbers them', () => {
  const gpus = (declared: Readonly<Record<string, number>>, inherited?: string) =>
    resourceLimits(declared, MACHINE, inherited).gpus;
  expect(gpus({})).toEqual([]);
  expect(gpus({ gpus: 2 })).toEqual(['0', '1']);
  expect(gpus({ gpus: 2 }, '3,5,7')).toEqual(['3', '5', '7']);
  expect(gpus({}, 'GPU-8932f937,MIG-4d806f22')).toEqual(['GPU-8932f937', 'MIG-4d806f22']);
  expect(gpus({ gpus: 2 }, '')).toEqual([]);
  expect(gpus({ gpus: 2 }, 'NoDevFiles')).toEqual([]);
  expect(gpus({}, '1,-1,2')).toEqual(['1']);
});

it('refuses each step that asks for more than there is, at its line, and says how to declare it', () => {
  const { pipeline } = parsePipeline(
    'pipelines/p.yaml' as WorkspacePath,
    `pipeline: p
steps:
  a: { run: "true", inputs: [], resources: { cpus: 4, memory: 8GiB } }
  b: { run: "true", inputs: [], resources: { gpus: 1, license: 2, constructor: 1 } }
  c: { run: "true", inputs: [], resources: { memory: 9GiB } }
`,
  );
  if (pipeline === undefined) throw new Error('the pipeline is refused');
  const found = checkLimits(pipeline, pipeline.steps, resourceLimits({ license: 1 }, MACHINE, undefined));
  expect(found.map(({ code, at, message }) => `${code} ${at.line}: ${message}`)).toEqual([
    'too-few-resources 4: step "b" asks for gpus: 1, and there is none',
    'too-few-resources 4: step "b" asks for license: 2, and there is 1',
    'too-few-resources 4: step "b" asks for constructor: 1, and there is none',
    'too-few-resources 5: step "c" asks for memory: 9GiB, and there is 8GiB',
  ]);
  expect(found[1]?.suggestion).toContain('refit.yaml: resources: { license: 2 }');
});

it('reads refit.yaml, and names its faults where they are', () => {
  const read = (text: string) => parseWorkspaceFile('refit.yaml', text);
  expect(read('').settings).toEqual({ resources: {}, channels: [], remotes: {} });
  expect(read('resources: { gpus: 2, memory: 4GiB }\n').settings).toEqual({
    resources: { gpus: 2, memory: 4 * 2 ** 30 },
    channels: [],
    remotes: {},
  });
  const { settings, diagnostics } = read('resorces: { gpus: 2 }\nresources: { gpus: 1.5, license: many, memory: 4 }\n');
  expect(settings).toBeUndefined();
  expect(diagnostics.map(({ at, code }) => `${at.line}:${at.col} ${code}`)).toEqual([
    '1:1 unknown-key',
    '2:20 wrong-value',
    '2:34 wrong-value',
    '2:48 wrong-value',
  ]);
  expect(diagnostics[0]?.suggestion).toBe('did you mean "resources"?');
  expect(read('resources: [1\n').diagnostics[0]?.code).toBe('not-yaml');
});
