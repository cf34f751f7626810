import { createHash } from 'node:crypto';
import type { ExcludedRows, Exclusion } from '../../domain/data/dataset.js';
import { selectionText } from '../../domain/data/row-selection.js';
import type { Dataset } from '../../domain/pipeline/pipeline.js';
import type { FingerprintParts } from '../../domain/pipeline/plan.js';
import { toIso } from '../../domain/support/time.js';

const EXCLUDED = 'dataset-excluded:';

/** Fingerprint parts of what is kept out of a dataset and of those that its query names: one an exclusion. */
export function exclusionParts({ name, source, excluded = [] }: Dataset): Readonly<Record<string, string>> {
  const inner = source.kind === 'paths' ? [] : source.sql.flatMap((part) => (typeof part === 'string' ? [] : [part]));
  return {
    ...Object.assign({}, ...inner.map(exclusionParts)),
    ...Object.fromEntries(excluded.map(spell).map((text) => [`${EXCLUDED}${name}:${shortHash(text)}`, text] as const)),
  };
}

/** What was kept out of the datasets of a run, as its fingerprint parts name it. */
export function excludedIn(parts: Iterable<FingerprintParts>): readonly ExcludedRows[] {
  const named = [...parts].flatMap((one) => Object.entries(one)).filter(([key]) => key.startsWith(EXCLUDED));
  return [...new Map(named)].map(([key, rows]) => ({
    dataset: key.slice(EXCLUDED.length).replace(/:[^:]*$/, ''),
    rows,
  }));
}

const spell = ({ since, until, rows, label }: Exclusion): string =>
  label ??
  [
    ...(since === undefined && until === undefined
      ? []
      : [`${since === undefined ? '' : toIso(since)}..${until === undefined ? '' : toIso(until)}`]),
    ...(rows === undefined ? [] : [selectionText(rows)]),
  ].join(' ');

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);
