import type { StepName } from '../../domain/ids.js';
import type { BuildContext } from './context.js';
import { matching, type Written, writtenBy } from './graph.js';
import { createPathIndex, type PathIndex } from './path-index.js';
import { overlaps } from './paths.js';
import type { StepDraft } from './sections/steps.js';

/** Reports a checkpoint folder that is also written or read by a step: it is cleared, and its content is in no fingerprint. */
export function checkCheckpoints(
  drafts: readonly StepDraft[],
  context: BuildContext,
  published: string | undefined,
): void {
  const folders = drafts.flatMap(checkpointOf);
  if (folders.length === 0) return;
  const checkpoints = createPathIndex<Written>();
  for (const folder of folders) {
    const [other] = checkpoints.overlapping(folder.path);
    if (other === undefined) checkpoints.add(folder.path, folder);
    else reportTwo(folder, other, context);
  }
  if (published !== undefined)
    for (const folder of folders.filter(({ path }) => overlaps(path, published)))
      report(folder, `the model is published to "${published}"`, context);
  for (const written of drafts.flatMap(writtenBy)) {
    const [folder] = checkpoints.overlapping(written.path);
    if (folder !== undefined) report(folder, `step "${written.step}" writes "${written.path}"`, context);
  }
  for (const { step } of drafts)
    for (const [name, text] of readBy(step.inputs ?? [], checkpoints))
      report(folderOf(folders, name), `step "${step.name}" reads "${text}"`, context);
}

const checkpointOf = ({ step, path }: StepDraft): readonly Written[] =>
  step.checkpoint === undefined ? [] : [{ step: step.name, path: step.checkpoint, at: [...path, 'checkpoint'] }];

const folderOf = (folders: readonly Written[], name: StepName): Written => {
  const folder = folders.find((one) => one.step === name);
  if (folder === undefined) throw new Error(`internal error: step ${name} has no checkpoint`);
  return folder;
};

/** The steps whose checkpoints an input covers, each with the text of the input. */
const readBy = (
  inputs: NonNullable<StepDraft['step']['inputs']>,
  checkpoints: PathIndex<Written>,
): readonly (readonly [StepName, string])[] =>
  inputs.flatMap((input) => {
    if (input.kind === 'dataset') return [];
    const text = input.kind === 'path' ? input.path : input.pattern;
    const covered =
      input.kind === 'path' ? checkpoints.overlapping(text).map((one) => one.step) : matching(text, checkpoints);
    return covered.map((name) => [name, text] as const);
  });

const report = (folder: Written, how: string, context: BuildContext): void =>
  context.report.at(folder.at, {
    code: 'checkpoint-shared',
    message: `${how}, and "${folder.path}" is the checkpoint of step "${folder.step}"`,
    suggestion: 'give the checkpoint a folder of its own, such as work/ckpt/<step>',
  });

const reportTwo = (second: Written, first: Written, context: BuildContext): void =>
  context.report.at(second.at, {
    code: 'checkpoint-shared',
    message: `steps "${first.step}" and "${second.step}" share the checkpoint "${first.path}"`,
    suggestion: 'give each its own folder; in a matrix, put the values of its keys into the path',
  });
