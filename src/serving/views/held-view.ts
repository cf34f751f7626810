import type { HeldBecause, HeldMove } from '../../domain/models/held-move.js';
import type { ViewPart } from '../../domain/view.js';
import { dim, line, toned } from '../../render/parts/parts.js';

const WHY: Readonly<Record<HeldBecause, string>> = {
  unjudged: 'the pull that brought it was interrupted',
  'no-pipeline': 'no pipeline here declares the model',
  'pipeline-invalid': 'the pipeline of the model is invalid here',
  'no-run-made-it': 'no recorded run wrote these bytes',
  'no-verdict': 'no verdict of a gate came with it',
  'other-gate': 'it was judged under another gate than that of the pipeline here',
  'gate-refused': 'the gate refused it',
  'no-approval': 'the pipeline here asks for an approval, and none came with it',
  'approval-expired': 'its approval had expired when it was promoted',
  'approval-used': 'its approval had served once already',
  'never-served': 'it goes back to a version that never served here',
};

/** Moves of other machines that are kept as history and not served. */
export const heldParts = (held: readonly HeldMove[]): readonly ViewPart[] =>
  held.flatMap(({ move, because }) => {
    const name = `${move.model}@${move.to}`;
    return [
      line(toned('held ', 'warn'), `${name}, ${move.kind} by ${move.actor}, is not served here: ${WHY[because]}`),
      line(dim(`  → "refit why ${name}" shows it; refit promote ${name} --reason "…" judges it here`)),
    ];
  });

export const heldJson = ({ move, because }: HeldMove) => ({
  model: move.model,
  version: move.to,
  generation: move.generation,
  kind: move.kind,
  actor: move.actor,
  because,
});
