import { definedOf } from '../support/defined.js';
import type { DataChecks } from './data-checks.js';

/** No checks. */
export const NO_CHECKS: DataChecks = { columns: {}, unique: [], rules: [], otherColumns: 'allow' };

/** Merges checks key by key. `above` takes precedence; rules of both apply. */
export function overlayChecks(below: DataChecks, above: DataChecks): DataChecks {
  const names = [...new Set([...Object.keys(below.columns), ...Object.keys(above.columns)])];
  return {
    ...below,
    ...definedOf(above),
    columns: Object.fromEntries(
      names.map((name) => [name, { ...below.columns[name], ...definedOf(above.columns[name] ?? {}) }]),
    ),
    unique: distinct([...below.unique, ...above.unique]),
    rules: distinct([...below.rules, ...above.rules]),
    otherColumns: above.otherColumns === 'allow' ? below.otherColumns : above.otherColumns,
  };
}

const distinct = <T>(all: readonly T[]): readonly T[] => [
  ...new Map(all.map((one) => [JSON.stringify(one), one])).values(),
];
