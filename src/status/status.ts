import { readAnswers } from '../data/answered-findings.js';
import type { Failure } from '../domain/failure.js';
import type { AliasMove } from '../domain/models/model.js';
import type { ServingFinding } from '../domain/models/serving.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { onDisk } from '../domain/support/world-failure.js';
import type { View } from '../domain/view.js';
import type { When } from '../domain/when.js';
import { planPipeline } from '../execute/plan-pipeline.js';
import { championFailures } from '../gate/champion-failures.js';
import { earnedVerdicts } from '../gate/earned-verdicts.js';
import { CHAMPION, championOf } from '../models/champion.js';
import { earnedOf } from '../models/contestants.js';
import { futureDecisions } from '../models/ledger.js';
import { channelStates } from '../notify/send-notices.js';
import { openEpisodes } from '../performance/episode-facts.js';
import { listPipelineFiles, loadPipeline, recordedName } from '../pipeline/load-pipeline.js';
import { attentionFor, careOf } from '../retrain/attention.js';
import { lastTraining } from '../retrain/last-training.js';
import { lastRunOf } from '../run/find-run.js';
import { checkServing } from '../serving/check-serving.js';
import { newerHeld } from '../serving/judge-pulled.js';
import { pendingApproval } from '../serving/standing-approval.js';
import type { PipelineStatus } from './views/pipeline-status.js';
import { statusView } from './views/status-view.js';

export interface Standing {
  readonly view: View;
  /** The published model or the ledger differs from what was recorded, and no later command repairs it automatically. */
  readonly isDamaged: boolean;
}

/** The state of one pipeline, or of all pipelines of the workspace. Read-only. */
export async function status(
  services: Services,
  name: string | undefined,
  when: When & { readonly isAll?: boolean },
): Promise<Result<Standing, Failure>> {
  const names = name === undefined ? await listPipelineFiles(services) : [name];
  const statuses: PipelineStatus[] = [];
  for (const one of names) {
    const found = await statusOf(services, one, when);
    if (!found.ok && name !== undefined) return found;
    if (found.ok) statuses.push({ ...found.value, isAlone: name !== undefined });
    else statuses.push({ ...invalid(one, found.error), ...(await recordedState(services, one, when)) });
  }
  return ok({
    view: statusView(statuses, await channelStates(services), { isAll: when.isAll }),
    isDamaged: statuses.some(({ serving }) => serving.some(({ code }) => !PASSING.has(code))),
  });
}

/** Findings of an interrupted publication. The next command on the pipeline completes it. */
const PASSING: ReadonlySet<ServingFinding['code']> = new Set(['publication-open', 'hook-owed']);

const invalid = (file: string, failure: Failure): PipelineStatus => ({
  pipeline: file,
  file,
  findings: [],
  serving: [],
  events: [],
  held: [],
  isWatched: false,
  episodes: [],
  earned: [],
  earnedVerdicts: [],
  future: [],
  care: { isReviewDue: false },
  attention: { isSilent: false, isEveryDeclared: false },
  problem: failure.code === 'invalid-pipeline' ? `invalid: see "refit validate ${file}"` : failure.code,
});

/** What the registry knows about a pipeline whose file cannot be read: it still serves. */
async function recordedState(
  services: Services,
  file: string,
  when: When,
): Promise<Pick<PipelineStatus, 'champion' | 'lastRun' | 'decision' | 'servedSince' | 'servedFrom' | 'servedMs'>> {
  const { runs, models, decisions } = services.registry;
  const name = await recordedName(services, file);
  if (!name.ok) return {};
  const lastRun = lastRunOf(services, name.value);
  const [decision] = decisions.list({ pipeline: name.value, limit: 1, until: when.now });
  const made = models.names().find((model) => {
    const newest = models.versions(model).at(-1);
    return newest !== undefined && runs.get(newest.run)?.pipeline === name.value;
  });
  const servedSince = made === undefined ? undefined : models.alias(made, CHAMPION);
  const champion =
    servedSince === undefined ? undefined : models.get({ model: servedSince.model, version: servedSince.to });
  return { champion, lastRun, decision, servedSince, ...servingTime(servedSince, when) };
}

/** Since when a version serves, by the clock that is asked by. */
function servingTime(
  move: AliasMove | undefined,
  { now, isNowGiven }: When,
): Pick<PipelineStatus, 'servedFrom' | 'servedMs'> {
  if (move === undefined) return {};
  const servedFrom = isNowGiven ? move.now : move.movedAt;
  return { servedFrom, servedMs: Math.max(0, now - servedFrom) };
}

/** An event that has ended still counts while the monitored window has rows of it. */
const windowStart = ({ monitor }: Pipeline, { now }: When): number => now - (monitor?.current?.windowMs ?? 0);

/** The state of one pipeline. Read-only. */
export async function statusOf(services: Services, name: string, when: When): Promise<Result<PipelineStatus, Failure>> {
  const loaded = await loadPipeline(services, name);
  if (!loaded.ok) return loaded;
  const { pipeline } = loaded.value;
  const { models, decisions, findings } = services.registry;
  // What serves is shown also where a folder of inputs may not be listed.
  const planned = await onDisk(() => planPipeline(services, pipeline, { ...when, trigger: { kind: 'manual' } }));
  const plan = planned.ok ? planned.value : planned;
  const champion = championOf(services, pipeline, when);
  const lastRun = lastRunOf(services, pipeline.name);
  const [decision] = decisions.list({ pipeline: pipeline.name, limit: 1, until: when.now });
  const servedSince = champion === undefined ? undefined : models.alias(champion.model, CHAMPION);
  const waiting =
    pipeline.model === undefined
      ? undefined
      : pendingApproval(services, pipeline.model.name, { pipeline: pipeline.name, now: when.now });
  const earned = earnedOf(services, pipeline, when);
  const evaluation = champion === undefined ? undefined : models.evaluations(champion)[0];
  return ok({
    pipeline: pipeline.name,
    file: pipeline.file,
    findings: findings.open(pipeline.name, services.clock.now()).map(readAnswers(services, pipeline)),
    events: services.registry.events.list(pipeline.name).filter((event) => event.until > windowStart(pipeline, when)),
    serving: await checkServing(services, pipeline),
    held: newerHeld(services).filter(({ move }) => move.model === pipeline.model?.name),
    isWatched: pipeline.retrain !== undefined,
    episodes: openEpisodes(services, pipeline.name, when),
    earned,
    earnedVerdicts: await earnedVerdicts(services, pipeline, earned),
    care: careOf(services, pipeline, when),
    future: futureDecisions(services, pipeline.name).filter(
      // By the ledger's time that was asked about, a simulated decision is nothing of the future.
      (one) => !when.isNowGiven || one.cause === 'clock-ahead',
    ),
    attention: {
      ...attentionFor(services, pipeline, decision, when),
      ...(await lastTraining(services, pipeline, when)),
    },
    ...(plan.ok ? { plan: plan.value } : { problem: plan.error.code }),
    champion,
    championFailures: champion === undefined ? undefined : championFailures(services, pipeline, champion),
    lastRun,
    decision,
    servedSince,
    ...servingTime(servedSince, when),
    evaluation,
    waiting: waiting === undefined ? undefined : { ...waiting, answer: waiting.answer.kind },
  });
}
