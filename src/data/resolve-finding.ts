import type { Failure } from '../domain/failure.js';
import type { FindingId } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import { resolveView } from './views/resolve-view.js';

/** Records a human's answer to a finding. */
export function resolveFinding(
  services: Pick<Services, 'registry' | 'clock' | 'surroundings'>,
  id: string,
  answer: { readonly as: 'bug' | 'normal'; readonly reason: string },
): Result<View, Failure> {
  const { findings } = services.registry;
  const finding = findings.get(id as FindingId);
  if (finding === undefined)
    return err({
      code: 'not-found',
      what: 'finding',
      name: id,
      available: [],
      next: 'see "refit status" for the open findings',
    });
  findings.resolve({
    finding: finding.id,
    answer: answer.as,
    reason: services.surroundings.mask(answer.reason),
    actor: services.surroundings.actor(),
    at: services.clock.now(),
  });
  return ok(resolveView(finding, answer.as));
}
