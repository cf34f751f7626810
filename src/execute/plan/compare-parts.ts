import type { FingerprintParts, Reason, ReasonCode } from '../../domain/pipeline/plan.js';

/** Every part that differs, old → new, in the order of the parts' names. */
export function compareParts(before: FingerprintParts, after: FingerprintParts): readonly Reason[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort((a, b) => (a < b ? -1 : 1));
  return keys
    .filter((key) => before[key] !== after[key])
    .map((key) => ({
      code: codeOf(key),
      detail: detailOf(key),
      before: before[key] === undefined ? undefined : shorten(key, before[key]),
      after: after[key] === undefined ? undefined : shorten(key, after[key]),
    }));
}

function codeOf(key: string): ReasonCode {
  if (/^(param|matrix|value):/.test(key) || ['now', 'since', 'run-id'].includes(key)) return 'param-changed';
  if (key.startsWith('env:') || key === 'platform' || key === 'image') return 'env-changed';
  if (key.startsWith('dataset-excluded:')) return 'exclusion-changed';
  if (key.startsWith('input:') || key.startsWith('dataset')) return 'input-changed';
  return 'command-changed';
}

const detailOf = (key: string): string =>
  key
    .replace(/^(param|matrix|env|input|value):/, '')
    .replace(/^dataset:[^:]*:/, '')
    .replace(/^dataset-excluded:([^:]*):.*$/, 'rows kept out of $1');

const shorten = (key: string, value: string): string =>
  key.startsWith('input:') || key.startsWith('dataset:') ? value.slice(0, 12) : value;
