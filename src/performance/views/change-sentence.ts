import type { Change, ChangeKind } from '../../domain/data/detector.js';
import { threeDigits } from '../../render/parts/parts.js';

export interface SentenceOptions {
  /** What the numbers are: `error`, `log loss`. */
  readonly subject?: string;
  readonly kind?: ChangeKind;
  /** The name of a place in the stream: a row by default, a time if the rows have one. */
  readonly at?: (index: number) => string;
}

/** A change in one sentence for people. */
export function changeSentence(change: Change, options: SentenceOptions = {}): string {
  const { subject = 'error', kind, at = (index: number) => `row ${index}` } = options;
  const { since, before, after } = change;
  const [first, last] = [at(since.lower), at(since.upper)];
  const where = `${at(since.index)}${first === last ? '' : ` (between ${first} and ${last})`}`;
  const meaning = kind === undefined ? '' : MEANINGS[kind];
  if (change.form === 'blip')
    return `The ${subject} left its level of ${threeDigits(before.value)} for ${threeDigits(change.during?.value ?? before.value)} at ${where} and was back by ${at(change.until ?? since.index)}: a blip, no reason to retrain.`;
  const verb = after.value > before.value ? 'rose' : 'fell';
  return `The ${subject} ${verb} ${MANNERS[change.form]}from ${threeDigits(before.value)} to ${threeDigits(after.value)}, since ${where}${endOf(change, at)}${meaning}.`;
}

const MANNERS: Readonly<Record<Exclude<Change['form'], 'blip'>, string>> = {
  sudden: 'suddenly ',
  gradual: 'gradually ',
  incremental: 'step by step ',
  recurring: '',
};

const MEANINGS: Readonly<Record<ChangeKind, string>> = {
  real: ': alike inputs now have other labels, so the model is out of date',
  virtual: ': the inputs moved, but alike inputs still have the labels they had',
  prior: ': some labels became more frequent, but each still looks as it did',
  none: '',
  unclear: '; whether the inputs or their relation to the label moved cannot be told',
};

function endOf({ form, until, returnedTo }: Change, at: (index: number) => string): string {
  if (returnedTo !== undefined)
    return `, back to the level of ${'name' in returnedTo ? returnedTo.name : `${at(returnedTo.from)} to ${at(returnedTo.to - 1)}`}`;
  if (form === 'sudden') return '';
  return until === undefined ? ', and it is still moving' : ` until ${at(until)}`;
}
