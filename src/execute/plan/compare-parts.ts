import type { FingerprintParts, Reason, ReasonCode } from '../../domain/pipeline/plan.js';

/** Every part that differs, old → new, in the order of the parts' names. */
export function compareParts(before: FingerprintParts, after: FingerprintParts): readonly Reason[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort((a, b) => (a < b ? -1 : 1));
  const changed = keys.filter((key) => before[key] !== after[key]);
  const packages = changed.filter((key) => key.startsWith(PACKAGE));
  if (packages.length > MOST_PACKAGES)
    return [
      ...reasonsOf(
        changed.filter((key) => !key.startsWith(PACKAGE)),
        before,
        after,
      ),
      ...reasonsOf(packages.slice(0, MOST_PACKAGES), before, after),
      { code: 'packages-changed', detail: `${packages.length - MOST_PACKAGES} more packages` },
    ];
  return reasonsOf(changed, before, after);
}

const PACKAGE = 'package:';

/** A new environment changes hundreds of them. */
const MOST_PACKAGES = 5;

const reasonsOf = (keys: readonly string[], before: FingerprintParts, after: FingerprintParts): readonly Reason[] =>
  keys.map((key) => ({
    code: codeOf(key),
    detail: detailOf(key),
    dataset: /^dataset:([^:]*)/.exec(key)?.[1],
    before: before[key] === undefined ? undefined : shorten(key, before[key]),
    after: after[key] === undefined ? undefined : shorten(key, after[key]),
  }));

function codeOf(key: string): ReasonCode {
  if (/^(param|matrix|value):/.test(key) || ['now', 'since', 'run-id'].includes(key)) return 'param-changed';
  if (key.startsWith('env:') || ['platform', 'image', 'image-id'].includes(key)) return 'env-changed';
  if (key === 'parent:champion') return 'champion-changed';
  if (key.startsWith('package:')) return 'packages-changed';
  if (key.startsWith('dataset-excluded:')) return 'exclusion-changed';
  if (/^(input:|dataset|parent:)/.test(key)) return 'input-changed';
  return 'command-changed';
}

/** The name behind the kind of a part. A file may be called `dataset:x`, so only one beginning is taken off. */
function detailOf(key: string): string {
  const excluded = /^dataset-excluded:([^:]*)/.exec(key)?.[1];
  if (excluded !== undefined) return `rows kept out of ${excluded}`;
  return key.replace(/^(param|matrix|env|input|package|value|parent|dataset:[^:]*):/, '');
}

const shorten = (key: string, value: string): string =>
  /^(input|dataset|parent):/.test(key) || key === 'image-id' ? value.slice(0, 12) : value;
