import type { Expectations, ExpectedOutput } from '../../../domain/pipeline/expectations.js';
import type { OutputRef } from '../../../domain/pipeline/pipeline.js';
import { suggestOne } from '../../../domain/support/near-miss.js';
import { fill, type PathScope } from '../fill.js';
import type { RawStep } from '../schema.js';
import type { YamlPath } from '../source/yaml-source.js';

type RawExpect = NonNullable<RawStep['expect']>;

/** The `expect` of a step. Reports empty ranges and outputs that the step does not have. */
export function buildExpectations(
  raw: RawExpect,
  outputs: readonly OutputRef[],
  step: YamlPath,
  scope: PathScope,
): Expectations {
  return {
    metrics: buildMetrics(raw.metrics ?? {}, [...step, 'expect', 'metrics'], scope),
    outputs: Object.entries(raw.outputs ?? {}).flatMap(([key, expected]) =>
      buildOutput(key, expected, { outputs, path: [...step, 'expect', 'outputs'], scope }),
    ),
  };
}

function buildMetrics(
  raw: NonNullable<RawExpect['metrics']>,
  path: YamlPath,
  { context }: PathScope,
): Expectations['metrics'] {
  return Object.fromEntries(
    Object.entries(raw).map(([key, { min, max }]) => {
      if (min !== undefined && max !== undefined && min > max)
        context.report.at([...path, key], {
          code: 'wrong-value',
          message: `no value of "${key}" is at least ${min} and at most ${max}`,
          suggestion: `did you mean { min: ${max}, max: ${min} }?`,
        });
      return [key, { min, max }];
    }),
  );
}

interface OutputPlace {
  readonly outputs: readonly OutputRef[];
  readonly path: YamlPath;
  readonly scope: PathScope;
}

function buildOutput(
  key: string,
  expected: NonNullable<RawExpect['outputs']>[string],
  { outputs, path, scope }: OutputPlace,
): readonly ExpectedOutput[] {
  const text = fill(key, [...path, key], scope).replace(/^(\.\/)+|\/+$/g, '');
  const output = outputs.find((one) => one.name === text) ?? outputs.find((one) => one.path === text);
  if (output === undefined) {
    const known = outputs.map((one) => one.name ?? one.path);
    scope.context.report.atKey(path, key, {
      code: 'unknown-output',
      message: `the step has no output "${key}"`,
      suggestion: suggestOne(text, known, 'outputs'),
    });
    return [];
  }
  return [
    {
      key: text,
      path: output.path,
      isNotEmpty: expected.not_empty,
      sha256: expected.sha256 === undefined ? undefined : expected.sha256.toLowerCase(),
    },
  ];
}
