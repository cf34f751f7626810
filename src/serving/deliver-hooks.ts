import type { Failure } from '../domain/failure.js';
import type { AliasMove, HookEnd, OwedHook } from '../domain/models/model.js';
import { removedText } from '../domain/models/removed.js';
import type { HookSpec, Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { resolveCommand } from '../execute/attempt/command.js';
import { withoutSecrets } from '../execute/attempt/environment.js';
import { runCommand } from '../execute/attempt/run-command.js';
import { CHAMPION } from '../models/champion.js';
import { rollbackObstacle } from '../models/rollback-obstacle.js';
import { ensureStored } from './publish/ensure-stored.js';
import { runHook } from './publish/hooks.js';
import { hooksOf, publishVersion } from './publish/publish.js';

export interface Delivered {
  /** Failure of a deploy or verify hook, also when refit was interrupted before they ended. */
  readonly failure?: Failure;
  /** The move back that the failure caused. */
  readonly back?: AliasMove;
}

/**
 * Runs the hooks that a move owes, each at least once, with a key that stays the same for repeated attempts. If one
 * fails and the pipeline says so, the previous version serves again with its own hooks. A failure of those does not
 * move back further.
 */
export function deliverHooks(
  services: Services,
  pipeline: Pipeline,
  move: AliasMove,
): Promise<Result<Delivered, Failure>> {
  const owed = services.registry.models.owedHooks(move.model).filter((one) => one.move.generation === move.generation);
  return deliverEach(services, pipeline, owed);
}

/**
 * Runs all hooks of the version that serves again, because one has failed. A person asks for it and gives a reason. The version
 * serves already, so a failure moves nothing back.
 */
export function deliverAgain(
  services: Services,
  pipeline: Pipeline,
  move: AliasMove,
  reason: string,
): Promise<Result<Delivered, Failure>> {
  const again = { actor: services.surroundings.actor(), reason };
  const hooks = hooksOf(pipeline.model?.publish).map((hook): OwedHook => ({ move, hook }));
  for (const one of hooks) services.registry.models.owe(one);
  return deliverEach(services, pipeline, hooks, again);
}

async function deliverEach(
  services: Services,
  pipeline: Pipeline,
  owed: readonly OwedHook[],
  again?: HookEnd['again'],
): Promise<Result<Delivered, Failure>> {
  const end = (one: OwedHook, outcome: HookEnd['outcome'], detail: string): void =>
    services.registry.models.endHook(one, { outcome, detail, again, endedAt: services.clock.now() });
  for (const [i, one] of owed.entries()) {
    const spec = pipeline.model?.publish?.[one.hook];
    if (spec === undefined) {
      end(one, 'superseded', 'the pipeline has no such hook any more');
      continue;
    }
    const ran = await deliver(services, pipeline, one, spec);
    if (ran.outcome === 'cancelled') return ok({ failure: { code: 'step-cancelled', step: one.hook } });
    if (ran.outcome === 'delivered') {
      end(one, 'delivered', ran.detail);
      continue;
    }
    const failure: Failure = { code: 'hook-failed', hook: one.hook, reason: ran.detail, logPath: logPathOf(one) };
    // Moves back before recording the hook's end, because after a crash a hook with an end is not read again.
    const back = again === undefined ? await goBack(services, pipeline, one) : ok(undefined);
    if (!back.ok) return back;
    end(one, 'failed', ran.detail);
    for (const rest of owed.slice(i + 1)) end(rest, 'superseded', `${one.hook} failed`);
    if (back.value === undefined) return ok({ failure });
    const before = await deliverHooks(services, pipeline, back.value);
    return before.ok ? ok({ failure: before.value.failure ?? failure, back: back.value }) : before;
  }
  return ok({});
}

/**
 * Runs the hooks that a killed command still owed for the version that serves. Gives up those of versions that do not
 * serve any more.
 */
export async function deliverOwed(services: Services, pipeline: Pipeline): Promise<Result<void, Failure>> {
  const model = pipeline.model?.name;
  if (model === undefined) return ok(undefined);
  const { models } = services.registry;
  const owed = models.owedHooks(model);
  if (owed.length === 0) return ok(undefined);
  const current = models.alias(model, CHAMPION);
  for (const one of owed)
    if (one.move.generation !== current?.generation)
      models.endHook(one, {
        outcome: 'superseded',
        detail: `generation ${current?.generation} had been published before it was run`,
        endedAt: services.clock.now(),
      });
  if (current === undefined || owed.every((one) => one.move.generation !== current.generation)) return ok(undefined);
  const names = owed.filter((one) => one.move.generation === current.generation).map((one) => one.hook);
  const say = (what: string): void =>
    services.emit({
      type: 'warning',
      code: 'owed-hook',
      text: `${names.join(' and ')} of ${model}@${current.to} had not ended when refit was interrupted: ${what}`,
    });
  const delivered = await deliverHooks(services, pipeline, current);
  if (!delivered.ok) return delivered;
  const { failure, back } = delivered.value;
  if (failure?.code === 'step-cancelled') return err(failure);
  say(failure === undefined ? 'run now' : `failed now${back === undefined ? '' : `, version ${back.to} serves again`}`);
  return ok(undefined);
}

const logPathOf = ({ move, hook }: OwedHook): string =>
  `.refit/logs/publish/${move.model}-${move.generation}-${hook}.log`;

async function deliver(services: Services, pipeline: Pipeline, owed: OwedHook, spec: HookSpec) {
  const { move, hook } = owed;
  const publishPath = `${pipeline.model?.publish?.path ?? ''}/current`;
  services.emit({ type: 'phase', text: `${hook} of ${move.model}@${move.to}` });
  await services.files.makeFolder('.refit/logs/publish');
  const deployment = `${move.model}-${move.generation}-${move.toHash.slice(0, 8)}`;
  return runHook(spec, { signal: services.signal, seed: `${deployment}\n${hook}` }, async () => {
    const startedAt = services.clock.now();
    const result = await runCommand(services, {
      argv: resolveCommand(spec.command, { params: pipeline.params, publishPath, modelPath: publishPath }),
      env: {
        ...withoutSecrets(pipeline, services.surroundings.env()),
        REFIT_STEP: hook,
        REFIT_MODEL: move.model,
        REFIT_VERSION: String(move.to),
        // Lets a late hook detect that a newer move exists, and a repeated hook that it ran before.
        REFIT_GENERATION: String(move.generation),
        REFIT_DEPLOYMENT: deployment,
      },
      environment: pipeline.environment,
      logPath: logPathOf(owed),
      timeoutMs: spec.timeoutMs,
      mayLeaveServers: hook === 'deploy',
    });
    const { outcome } = result;
    const words = outcome.kind === 'exited' ? `exited with ${outcome.exitCode}` : outcome.kind;
    services.registry.models.recordHookAttempt(owed, { outcome: words, startedAt, endedAt: services.clock.now() });
    return result;
  });
}

async function goBack(
  services: Services,
  pipeline: Pipeline,
  { move, hook }: OwedHook,
): Promise<Result<AliasMove | undefined, Failure>> {
  const spec = pipeline.model?.publish;
  const previous =
    move.from === undefined ? undefined : services.registry.models.get({ model: move.model, version: move.from });
  // Not from a version that serves because the hooks of another one failed: it would go to and fro.
  if (previous === undefined || spec?.onFailure !== 'roll-back' || move.trigger === 'hook-failed') return ok(undefined);
  const stored = await ensureStored(services, previous);
  if (!stored.ok && stored.error.code === 'bytes-removed') {
    const text = `${hook} of ${move.model}@${move.to} failed, and it serves on: the bytes of version ${previous.version} are not in the store: ${removedText(stored.error)}`;
    services.emit({ type: 'warning', code: 'bytes-removed', text });
    return ok(undefined);
  }
  return publishVersion(services, {
    version: previous,
    alias: CHAMPION,
    spec,
    move: {
      kind: 'rollback',
      reason: `${hook} failed after publishing version ${move.to}`,
      // It stays as doubtful as it was: nobody judged it again.
      isForced: rollbackObstacle(services, previous, pipeline.model?.approval) !== undefined,
      trigger: 'hook-failed',
      now: move.now,
    },
  });
}
