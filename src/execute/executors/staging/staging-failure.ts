import { remoteUrl } from '../../../domain/exchange/remote.js';
import type { Failure } from '../../../domain/failure.js';
import type { StagingProblem } from '../../../domain/runs/staging-problem.js';
import type { JobRecord, StagedPlace } from '../job-folder.js';

/** `node`: absent where this machine had the problem. */
export const stagingFailure = (
  { step, store, kubernetes }: Pick<JobRecord, 'step' | 'kubernetes'> & { readonly store: Pick<StagedPlace, 'remote'> },
  { doing, path, cause, reason, kept }: StagingProblem,
  node?: string,
): Failure => ({
  ...{ code: 'staging-failed', step, store: remoteUrl(store.remote), doing, path, cause, reason },
  ...(node === undefined ? {} : { node }),
  ...(kubernetes === undefined ? {} : { isInPod: true }),
  ...(kept === undefined ? {} : { kept }),
});
