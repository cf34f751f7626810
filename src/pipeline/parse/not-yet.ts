import type { BuildContext } from './context.js';
import type { YamlPath } from './source/yaml-source.js';

/** Keys that this version knows but does not support. They are refused by name, so that nothing is ignored silently. */
export const notYet = {
  secretFingerprint: { what: 'a fingerprinted secret', instead: 'remove "fingerprint": secrets are not part of it' },
} as const;

export function refuseNotYet(
  one: (typeof notYet)[keyof typeof notYet],
  path: YamlPath,
  context: Pick<BuildContext, 'report'>,
): void {
  context.report.at(path, {
    code: 'not-available',
    message: `${one.what}: not available in this version`,
    suggestion: one.instead,
  });
}
