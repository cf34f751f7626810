import type { Diagnostic } from '../../domain/pipeline/diagnostic.js';
import type { Dataset, InputRef } from '../../domain/pipeline/pipeline.js';
import type { BuildContext } from './context.js';
import { matching, type Written, writtenBy } from './graph.js';
import { createPathIndex, type PathIndex } from './path-index.js';
import type { StepDraft } from './sections/steps.js';
import type { YamlPath } from './source/yaml-source.js';

/** An input that no step writes. It must exist before anything runs. */
export interface ExpectedFile {
  readonly pattern: string;
  readonly kind: 'path' | 'glob' | 'dataset';
  /** The diagnostic to report if no file matches. */
  readonly missing: Diagnostic;
}

/**
 * Files that must exist in the workspace: inputs that no step writes, and (reported as a warning) the files of
 * datasets.
 */
export function expectFiles(
  drafts: readonly StepDraft[],
  evaluateInputs: readonly InputRef[],
  datasets: readonly Dataset[],
  context: BuildContext,
): readonly ExpectedFile[] {
  const outputs = createPathIndex<Written>();
  for (const one of drafts.flatMap(writtenBy)) outputs.add(one.path, one);
  const ofSteps = drafts.flatMap((draft) =>
    (draft.step.inputs ?? []).flatMap((input, i) =>
      expectInput(
        input,
        { path: draft.inputPaths[i] ?? draft.path, reader: `step "${draft.step.name}"`, outputs },
        context,
      ),
    ),
  );
  const ofEvaluate = evaluateInputs.flatMap((input, i) =>
    expectInput(input, { path: ['model', 'evaluate', 'inputs', i], reader: 'evaluate', outputs }, context),
  );
  const ofDatasets = datasets.flatMap((dataset) =>
    dataset.source.kind === 'query'
      ? []
      : dataset.source.patterns
          .filter((pattern) => matching(pattern, outputs).length === 0)
          .map((pattern) =>
            expectation({ pattern, kind: 'dataset' }, ['datasets', dataset.name, 'path'], context, {
              severity: 'warning',
              code: 'empty-dataset',
              message: `dataset "${dataset.name}" has no files at "${pattern}"`,
            }),
          ),
  );
  const ofSchemas = datasets.flatMap(({ name, checks: { schema } }) =>
    schema === undefined
      ? []
      : [
          expectation({ pattern: schema, kind: 'path' }, ['datasets', name, 'checks', 'schema'], context, {
            severity: 'error',
            code: 'missing-schema',
            message: `the schema file "${schema}" of dataset "${name}" does not exist`,
            suggestion: `print one to start from: refit check-data <file> --infer > ${schema}`,
          }),
        ],
  );
  return [...ofSteps, ...ofEvaluate, ...ofDatasets, ...ofSchemas];
}

function expectInput(
  input: InputRef,
  { path, reader, outputs }: { readonly path: YamlPath; readonly reader: string; readonly outputs: PathIndex<Written> },
  context: BuildContext,
): readonly ExpectedFile[] {
  if (input.kind === 'dataset') return [];
  const pattern = input.kind === 'path' ? input.path : input.pattern;
  const isMade =
    input.kind === 'path' ? outputs.overlapping(pattern).length > 0 : matching(pattern, outputs).length > 0;
  if (isMade) return [];
  return [
    expectation({ pattern, kind: input.kind }, path, context, {
      severity: 'error',
      code: 'missing-input',
      message: `${reader} reads "${pattern}", which no step makes and which does not exist`,
      suggestion: 'create it, or use the path of an output of a step',
    }),
  ];
}

function expectation(
  { pattern, kind }: Pick<ExpectedFile, 'pattern' | 'kind'>,
  path: YamlPath,
  context: BuildContext,
  note: Pick<Diagnostic, 'severity' | 'code' | 'message' | 'suggestion'>,
): ExpectedFile {
  const at = context.report.position(path);
  return { pattern, kind, missing: { ...note, at, sourceLine: '' } };
}
