import type { Attention, FailedTraining, RefusedTraining } from '../domain/decisions/attention.js';
import type { RetrainDecision } from '../domain/decisions/decision.js';
import type { Failure } from '../domain/failure.js';
import type { DecisionId } from '../domain/ids.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { When } from '../domain/when.js';
import { PAUSE_AFTER_REFUSALS } from './judge/decide.js';
import { endOf, pastOf } from './past-decisions.js';

/** The last training, if it brought no new champion because it failed or because the gate refused its candidate. */
export async function lastTraining(
  services: Pick<Services, 'registry' | 'logs' | 'clock'>,
  pipeline: Pipeline,
  when: When,
): Promise<Pick<Attention, 'failed' | 'refused'>> {
  const { decisions } = services.registry;
  const filter = { pipeline: pipeline.name, limit: 1, until: when.now };
  const [last] = decisions.list({ ...filter, decision: 'retrain' });
  if (last === undefined) return {};
  const outcome = endOf(services.registry, last);
  if (outcome === 'failed' && decisions.outcome(last.id) !== undefined)
    return { failed: await failedTraining(services, pipeline, when, last.id) };
  if (outcome !== 'gate-refused') return {};
  const [newest] = decisions.list(filter);
  return { refused: refusedTraining(services, pipeline, when, { last: last.id, newest }) };
}

async function failedTraining(
  services: Pick<Services, 'registry' | 'logs' | 'clock'>,
  pipeline: Pipeline,
  when: When,
  decision: DecisionId,
): Promise<FailedTraining> {
  const detail = services.registry.ticks.ofDecision(decision)?.end?.detail;
  const inARow = Math.max(1, pastOf(services, pipeline, when).failuresInARow);
  if (detail === undefined) return { decision, inARow };
  const failure: Failure = JSON.parse(detail);
  if (!('logPath' in failure) || failure.logPath === undefined) return { decision, inARow, failure };
  const tail = await readTail(services, failure.logPath);
  return { decision, inARow, failure: { ...failure, tail } as Failure };
}

const [TAIL_BYTES, TAIL_LINES] = [8192, 8];

/** The last lines of a log: of a program that failed, the end of its traceback. Says so if the log is gone. */
async function readTail({ logs }: Pick<Services, 'logs'>, path: string): Promise<readonly string[]> {
  const size = await logs.size(path);
  if (size === undefined) return [`the log ${path} is not there any more`];
  const bytes = await logs.read(path, Math.max(0, size - TAIL_BYTES), TAIL_BYTES);
  const lines = new TextDecoder().decode(bytes).split('\n');
  return lines.filter((one) => one.trim() !== '').slice(-TAIL_LINES);
}

function refusedTraining(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when: When,
  { last, newest }: { readonly last: DecisionId; readonly newest: RetrainDecision | undefined },
): RefusedTraining {
  const gate = services.registry.decisions.outcome(last)?.gate;
  const verdict = gate === undefined ? undefined : services.registry.models.gateVerdict(gate);
  const failed = (verdict?.checks ?? []).filter((check) => check.verdict === 'fail');
  return {
    decision: last,
    inARow: pastOf(services, pipeline, when).refusalsInARow ?? 0,
    pauseAfter: pipeline.retrain?.pauseAfterRefusals ?? PAUSE_AFTER_REFUSALS,
    candidate: verdict === undefined ? undefined : verdict.candidate,
    checks: failed.map(({ name, detail }) => ({ name, detail })),
    delayed: newest?.because.of?.find((one) => one.condition === 'back-off')?.detail,
  };
}
