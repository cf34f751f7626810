import type { Failure } from '../../domain/failure.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';

/** Checks before anything runs whether steps can be traced here. */
export async function needStrace({ surroundings }: Pick<Services, 'surroundings'>): Promise<Result<void, Failure>> {
  const { tools } = await surroundings.environment(['strace']);
  return tools.strace === undefined
    ? err({
        code: 'unsupported',
        what: 'tracing without strace, which is not on the PATH,',
        next: 'install it (Linux: apt install strace), or run without --trace',
      })
    : ok(undefined);
}
