import type { Failure } from '../domain/failure.js';
import type { AliasMove, ModelVersion } from '../domain/model.js';
import type { HookSpec, Pipeline } from '../domain/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/result.js';
import { resolveCommand } from '../execute/command.js';
import { withoutSecrets } from '../execute/environment.js';
import { runCommand } from '../execute/run-command.js';
import { runHook } from '../models/hooks.js';
import { type PublishRequest, publishVersion } from '../models/publish.js';
import { CHAMPION } from './reference.js';

/** How a move ended: what serves is the move's version, unless it went back. */
export interface MovedChampion {
  /** Absent when the version went back. */
  readonly move?: AliasMove;
  /** Of a deploy or verify. */
  readonly failure?: Failure;
}

/** Publishes a version, then deploys and verifies it; a version that does not hold up goes back where the pipeline says so. */
export async function moveChampion(
  services: Services,
  pipeline: Pipeline,
  version: ModelVersion,
  move: PublishRequest['move'],
): Promise<Result<MovedChampion, Failure>> {
  const spec = pipeline.model?.publish;
  const request: PublishRequest = { version, alias: CHAMPION, move, ...(spec === undefined ? {} : { spec }) };
  const moved = await publishVersion(services, request);
  if (!moved.ok) return moved;
  if (spec === undefined) return ok({ move: moved.value });
  for (const [name, hook] of [
    ['deploy', spec.deploy],
    ['verify', spec.verify],
  ] as const) {
    const ran =
      hook === undefined ? ok(undefined) : await runPublishHook(services, pipeline, name, { hook, move: moved.value });
    if (ran.ok) continue;
    const back = spec.onFailure === 'roll-back' ? await goBack(services, pipeline, moved.value, ran.error) : undefined;
    if (back !== undefined && !back.ok) return back;
    return ok({ failure: ran.error, ...(back === undefined ? { move: moved.value } : {}) });
  }
  return ok({ move: moved.value });
}

function runPublishHook(
  services: Services,
  pipeline: Pipeline,
  name: string,
  { hook, move }: { readonly hook: HookSpec; readonly move: AliasMove },
): Promise<Result<void, Failure>> {
  const publishPath = `${pipeline.model?.publish?.path ?? ''}/current`;
  services.emit({ type: 'phase', text: `${name} of ${move.model}@${move.to}` });
  return runHook(name, hook, async () => {
    await services.files.makeFolder('.refit/logs/publish');
    return runCommand(services, {
      argv: resolveCommand(hook.command, { params: pipeline.params, publishPath, modelPath: publishPath }),
      // an older hook that comes late can see that it has been overtaken
      env: {
        ...withoutSecrets(pipeline, services.surroundings.env()),
        REFIT_STEP: name,
        REFIT_GENERATION: String(move.generation),
      },
      logPath: `.refit/logs/publish/${move.model}-${move.generation}-${name}.log`,
      timeoutMs: hook.timeoutMs,
    });
  });
}

async function goBack(
  services: Services,
  pipeline: Pipeline,
  move: AliasMove,
  failure: Failure,
): Promise<Result<AliasMove, Failure> | undefined> {
  const previous =
    move.from === undefined ? undefined : services.registry.models.get({ model: move.model, version: move.from });
  const spec = pipeline.model?.publish;
  if (previous === undefined || spec === undefined) return undefined;
  return publishVersion(services, {
    version: previous,
    alias: CHAMPION,
    spec,
    move: {
      kind: 'rollback',
      reason: `${failure.code === 'hook-failed' ? `${failure.hook} failed` : failure.code} after publishing version ${move.to}`,
      isForced: false,
      now: move.now,
    },
  });
}
