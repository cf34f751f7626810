import type { TableProfile } from '../../domain/data/profile.js';
import type { ConditionChecked } from '../../domain/ports/datasets.js';
import type { Predicate } from '../../domain/support/predicate.js';

/** A single value with more than this share of the bad ones is no accident. */
const SAME_SHARE = 0.8;
const WORDS_FOR_MISSING = new Set([
  '',
  '-',
  '--',
  '?',
  '.',
  'n/a',
  'na',
  'nan',
  'none',
  'null',
  'nil',
  'missing',
  'unknown',
]);

/** What probably happened upstream, as far as the bad values show. */
export function likelyCause(
  { predicate }: { readonly predicate: Predicate },
  found: Pick<ConditionChecked, 'bad' | 'examples'>,
  profile: TableProfile,
): string | undefined {
  const values = found.examples.map((one) => one.value);
  if (predicate.kind === 'in-range') return sameValue(found);
  if (predicate.kind === 'one-of') return respelled(values, predicate.values) ?? wordForMissing(values);
  if (predicate.kind === 'unique')
    return (profile.duplicateRows ?? 0) > 0 && (profile.duplicateRows ?? 0) * 2 >= found.bad
      ? 'whole rows are repeated: a file or a batch came twice'
      : undefined;
  if (predicate.kind !== 'reads-as') return undefined;
  return values.length > 0 && values.every((value) => /^\s*[+-]?\d+,\d+\s*$/.test(value))
    ? 'numbers with a decimal comma'
    : wordForMissing(values);
}

function sameValue({ bad, examples }: Pick<ConditionChecked, 'bad' | 'examples'>): string | undefined {
  const [first] = examples;
  return first !== undefined && first.rows > 1 && first.rows / bad > SAME_SHARE
    ? `${first.value} in most of them: a default or a code for "missing"`
    : undefined;
}

function respelled(values: readonly string[], known: readonly (string | number | boolean)[]): string | undefined {
  const plain = (text: string): string => text.trim().toLowerCase();
  const names = new Map(known.map((one) => [plain(String(one)), String(one)]));
  const meant = names.get(plain(values[0] ?? ''));
  return values.length > 0 && values.every((value) => names.has(plain(value)))
    ? `written otherwise: "${values[0]}" for "${meant}"`
    : undefined;
}

const wordForMissing = (values: readonly string[]): string | undefined =>
  values.length > 0 && values.every((value) => WORDS_FOR_MISSING.has(value.trim().toLowerCase()))
    ? `a word for "missing": "${values[0]}"`
    : undefined;
