import type { Diagnostic } from '../domain/diagnostic.js';
import type { Dataset, InputRef } from '../domain/pipeline.js';
import type { BuildContext } from './context.js';
import { canMatch, writtenBy } from './graph.js';
import { nearMiss } from './near-miss.js';
import type { YamlPath } from './source.js';
import type { StepDraft } from './steps.js';

/** An input that no step makes: it must exist before anything runs. */
export interface ExpectedFile {
  readonly pattern: string;
  readonly kind: 'path' | 'glob' | 'dataset';
  /** The diagnostic to show when nothing is there. */
  readonly missing: Diagnostic;
}

/** What must lie in the workspace: inputs that no step writes, and (as a warning) the files of datasets. */
export function expectFiles(
  drafts: readonly StepDraft[],
  evaluateInputs: readonly InputRef[],
  datasets: readonly Dataset[],
  context: BuildContext,
): readonly ExpectedFile[] {
  const outputs = drafts.flatMap(writtenBy).map((one) => one.path);
  const ofSteps = drafts.flatMap((draft) =>
    (draft.step.inputs ?? []).flatMap((input, i) =>
      expectInput(input, draft.inputPaths[i] ?? draft.path, `step "${draft.step.name}"`, outputs, context),
    ),
  );
  const ofEvaluate = evaluateInputs.flatMap((input, i) =>
    expectInput(input, ['model', 'evaluate', 'inputs', i], 'evaluate', outputs, context),
  );
  const ofDatasets = datasets.flatMap((dataset) =>
    dataset.source.kind === 'query'
      ? []
      : dataset.source.patterns
          .filter((pattern) => !outputs.some((output) => canMatch(pattern, output)))
          .map((pattern) =>
            expectation(pattern, 'dataset', ['datasets', dataset.name, 'path'], context, {
              severity: 'warning',
              code: 'empty-dataset',
              message: `dataset "${dataset.name}" has no files at "${pattern}"`,
            }),
          ),
  );
  return [...ofSteps, ...ofEvaluate, ...ofDatasets];
}

function expectInput(
  input: InputRef,
  path: YamlPath,
  reader: string,
  outputs: readonly string[],
  context: BuildContext,
): readonly ExpectedFile[] {
  if (input.kind === 'dataset') return [];
  const pattern = input.kind === 'path' ? input.path : input.pattern;
  if (outputs.some((output) => canMatch(pattern, output))) return [];
  const near = nearMiss(pattern, outputs);
  return [
    expectation(pattern, input.kind, path, context, {
      severity: 'error',
      code: 'missing-input',
      message: `${reader} reads "${pattern}", which no step makes and which does not exist`,
      suggestion: near === undefined ? 'create it, or name the step output that is meant' : `did you mean "${near}"?`,
    }),
  ];
}

function expectation(
  pattern: string,
  kind: ExpectedFile['kind'],
  path: YamlPath,
  context: BuildContext,
  note: Pick<Diagnostic, 'severity' | 'code' | 'message' | 'suggestion'>,
): ExpectedFile {
  const at = context.report.position(path);
  return { pattern, kind, missing: { ...note, at, sourceLine: '' } };
}

/** Diagnostics of those of which nothing was found. `present`: patterns with at least one file or folder. */
export function checkFiles(
  expected: readonly ExpectedFile[],
  present: ReadonlySet<string>,
  text: string,
): readonly Diagnostic[] {
  const lines = text.split('\n');
  return expected
    .filter((one) => !present.has(one.pattern))
    .map(({ missing }) => ({ ...missing, sourceLine: lines[missing.at.line - 1] ?? '' }));
}
