import type { Care } from '../domain/decisions/attention.js';
import {
  type ChannelState,
  LINEAGE_NOTICE,
  type NoticeChannel,
  type NoticeTarget,
  TRACKING_NOTICE,
} from '../domain/decisions/notice.js';
import type { Failure } from '../domain/failure.js';
import type { PipelineName } from '../domain/ids.js';
import type { SentNotice } from '../domain/ports/notices.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { DAY_MS, HOUR_MS, type Instant, instantOf, MINUTE_MS, SECOND_MS } from '../domain/support/time.js';
import { runCommand } from '../execute/attempt/run-command.js';
import { loadPipeline } from '../pipeline/load-pipeline.js';
import type { Heartbeat, TrackingSettings } from '../pipeline/parse/sections/notifications.js';
import { loadWorkspaceSettings } from '../pipeline/workspace-settings.js';
import { careOf } from '../retrain/attention.js';
import { collectNotices } from './collect-notices.js';
import { groupOf, runTeller, withTrackedMoves } from './tell-systems.js';
import { checkTracking, tellTracking } from './tell-tracking.js';
import { noticeBody, noticeJson, type ToldNotice } from './views/notice-text.js';

/** A notice that could not be sent for so long, or so often, is given up: status says how many. */
const GIVE_UP_MS = 7 * DAY_MS;
const MOST_TRIES = 100;
/** A notice that has failed so often no longer holds up those after it. */
const PATIENCE_TRIES = 5;
/** A receiver that fails so often in one command is down: the rest is left to the next. */
const MOST_FAILURES = 3;
/** One command sends for at most so long; what is left is sent by the next. */
const BUDGET_MS = 30 * SECOND_MS;
/** An attempt that has not ended by then belongs to a process that died. */
const STALE_MS = 2 * MINUTE_MS;

/**
 * Tells whoever wants to hear what has happened since they last did. Nothing that goes wrong here is a failure of the
 * command: it is recorded, said, and tried again.
 */
export async function sendNotices(services: Services, startedAt: Instant): Promise<void> {
  const settings = await loadWorkspaceSettings(services);
  if (!settings.ok) {
    services.emit({ type: 'warning', code: 'notifications', text: 'refit.yaml is wrong: nobody is notified' });
    return;
  }
  const { channels, heartbeat, lineageNamespace: namespace, tracking = {} } = settings.value;
  for (const channel of channels) {
    const since = services.registry.notices.mark(channel.name, startedAt);
    const { notices, mark } = collectNotices(services, since, runTeller(services, channel, namespace));
    services.registry.notices.write(channel.name, withTrackedMoves(notices).filter(wantedBy(channel)), mark);
  }
  await Promise.all([
    ...channels.map((channel) => sendAll(services, channel, tracking)),
    ...(heartbeat === undefined ? [] : [beat(services, heartbeat, startedAt)]),
  ]);
}

const wantedBy =
  ({ kinds, pipelines }: NoticeChannel) =>
  ({ kind, pipeline }: { readonly kind: NoticeChannel['kinds'][number]; readonly pipeline: string }): boolean =>
    kinds.includes(kind) && (pipelines === undefined || pipelines.includes(pipeline));

/**
 * In their order: while one waits to be tried again, those after it wait too, for what is told late may not be told before
 * what it follows from. One that has failed often no longer holds up the others: it may be its content that is refused.
 */
async function sendAll(services: Services, channel: NoticeChannel, tracking: TrackingSettings): Promise<void> {
  const { notices } = services.registry;
  const from = services.clock.monotonicMs();
  const held = new Set<string>();
  const hold = (sent: SentNotice): void => {
    if (isHoldingUp(sent)) held.add(groupOf(sent.notice));
  };
  let failures = 0;
  for (const sent of notices.unsent(channel.name)) {
    const now = services.clock.now();
    if (isGivenUp(sent, now) || held.has(groupOf(sent.notice))) continue;
    if (!isDue(sent, now)) {
      hold(sent);
      continue;
    }
    if (services.signal.aborted || services.clock.monotonicMs() - from > BUDGET_MS) return;
    const attempt = notices.startAttempt(sent.notice.id, channel.name, now, instantOf(now - STALE_MS));
    if (attempt === undefined) {
      hold(sent);
      continue;
    }
    const problem =
      channel.template === 'mlflow'
        ? await track(services, channel, tracking, sent)
        : await deliver(services, channel, await withCare(services, sent));
    notices.finishAttempt(attempt, { at: services.clock.now(), problem });
    if (problem === undefined) continue;
    services.emit({
      type: 'warning',
      code: 'notice-failed',
      text: `notification "${channel.name}": ${problem}; the next command tries again`,
    });
    failures += 1;
    if (isHoldingUp(sent) || failures === MOST_FAILURES) return;
  }
}

/** Why a tracking server does not have it whole; what it has otherwise than the registry is said once, when it has. */
async function track(
  services: Services,
  channel: NoticeChannel,
  tracking: TrackingSettings,
  { notice }: SentNotice,
): Promise<string | undefined> {
  const { problem, notes } = await tellTracking(services, channel, tracking, notice);
  if (problem === undefined)
    for (const text of notes)
      services.emit({ type: 'warning', code: 'tracking-differs', text: `"${channel.name}": ${text}` });
  return problem;
}

/** The end of a run never stands without its beginning; of other notices one that failed so often is stepped over. */
const isHoldingUp = ({ notice: { kind }, tries }: SentNotice): boolean =>
  kind === LINEAGE_NOTICE || kind === TRACKING_NOTICE || tries < PATIENCE_TRIES;

const isGivenUp = ({ writtenAt, tries }: SentNotice, now: Instant): boolean =>
  tries >= MOST_TRIES || now - writtenAt > GIVE_UP_MS;

/** At once, then after 1, 2, 4 … seconds, at most an hour: a receiver that is down is not beaten. */
const isDue = ({ tries, lastTriedAt }: SentNotice, now: Instant): boolean =>
  lastTriedAt === undefined || now - lastTriedAt >= Math.min(HOUR_MS, SECOND_MS * 2 ** (tries - 1));

async function withCare(services: Services, { notice }: SentNotice): Promise<ToldNotice> {
  if (notice.kind === LINEAGE_NOTICE || notice.kind === TRACKING_NOTICE) return notice;
  const loaded = await loadPipeline(services, notice.pipeline, { isSilent: true });
  if (!loaded.ok) return notice;
  const care: Care = careOf(services, loaded.value.pipeline, { now: services.clock.now(), isNowGiven: false });
  return { ...notice, care };
}

/** Why it did not arrive; `undefined` when it did. */
async function deliver(services: Services, channel: NoticeChannel, notice: ToldNotice): Promise<string | undefined> {
  const document = JSON.stringify(noticeJson(notice));
  return call(services, channel, {
    body: noticeBody(channel.template, notice),
    headers: { 'idempotency-key': notice.id, 'refit-notice-id': notice.id, 'refit-notice-kind': notice.kind },
    env: {
      REFIT_NOTICE: document,
      REFIT_NOTICE_ID: notice.id,
      REFIT_NOTICE_KIND: notice.kind,
      REFIT_NOTICE_PIPELINE: notice.pipeline,
      REFIT_NOTICE_SUMMARY: notice.summary,
    },
    log: channel.name,
  });
}

interface Call {
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly log: string;
}

async function call(
  services: Services,
  { target, timeoutMs }: { readonly target: NoticeTarget; readonly timeoutMs: number },
  { body, headers, env, log }: Call,
): Promise<string | undefined> {
  if (target.kind === 'command') return runTarget(services, { argv: target.argv, timeoutMs, env, log });
  const url = target.kind === 'url' ? target.url : services.surroundings.env()[target.variable];
  if (url === undefined || url === '')
    return target.kind === 'url' ? 'it has no address' : `the variable ${target.variable} is not set`;
  if (!/^https?:\/\//.test(url)) return 'its address does not begin with https:// or http://';
  return services.webhooks.call(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    timeoutMs,
    signal: services.signal,
    body,
  });
}

async function runTarget(
  services: Services,
  spec: Pick<Call, 'env' | 'log'> & { readonly argv: readonly string[]; readonly timeoutMs: number },
): Promise<string | undefined> {
  await services.files.makeFolder('.refit/logs/notifications');
  const { outcome, tail } = await runCommand(services, {
    argv: spec.argv,
    env: { ...services.surroundings.env(), ...spec.env },
    logPath: `.refit/logs/notifications/${spec.log}.log`,
    timeoutMs: spec.timeoutMs,
  });
  if (outcome.kind === 'exited' && outcome.exitCode === 0) return undefined;
  const how = outcome.kind === 'exited' ? `it exited with ${outcome.exitCode}` : outcome.kind;
  return [how, ...tail.slice(-1)].join(': ');
}

/** Sends a word to each channel, or the one that was named, to see whether it arrives. */
export async function tryChannels(
  services: Services,
  name: string | undefined,
): Promise<Result<readonly ChannelState[], Failure>> {
  const settings = await loadWorkspaceSettings(services);
  if (!settings.ok) return settings;
  const { channels, lineageNamespace, tracking = {} } = settings.value;
  const chosen = channels.filter((channel) => name === undefined || channel.name === name);
  if (chosen.length === 0)
    return err({
      code: 'not-found',
      what: 'notification channel',
      name: name ?? 'any',
      available: channels.map((channel) => channel.name),
      next: 'add to refit.yaml: notifications: { oncall: { url: { from: A_VARIABLE }, template: slack } }',
    });
  const now = services.clock.now();
  return ok(
    await Promise.all(
      chosen.map(async (channel): Promise<ChannelState> => {
        const test: ToldNotice = {
          id: `test:${now}`,
          kind: 'decision',
          pipeline: 'refit' as PipelineName,
          summary: `a test by ${services.surroundings.actor()}: nothing has happened`,
          at: now,
          facts: channel.template === 'openlineage' ? services.lineageEvents.ofTest(now, lineageNamespace) : {},
        };
        const problem =
          channel.template === 'mlflow'
            ? (await checkTracking(services, channel, tracking)).problem
            : await deliver(services, channel, test);
        const base = { channel: channel.name, pending: 0, givenUp: 0 };
        return problem === undefined ? { ...base, deliveredAt: now } : { ...base, problem };
      }),
    ),
  );
}

/** After a tick of this command; one that fails is not repeated, the next tick beats again. */
async function beat(services: Services, heartbeat: Heartbeat, startedAt: Instant): Promise<void> {
  const { ticks, notices } = services.registry;
  const ended = ticks.endedSince(startedAt);
  if (ended.length === 0) return;
  const problems = ended.flatMap((tick) => tick.end?.problem ?? []);
  const problem = await call(services, heartbeat, {
    headers: {},
    env: { REFIT_TICKS: String(ended.length), REFIT_TICK_PROBLEMS: problems.join(' ') },
    log: 'heartbeat',
  });
  notices.recordBeat(services.clock.now(), problem);
  if (problem !== undefined)
    services.emit({ type: 'warning', code: 'heartbeat-failed', text: `heartbeat: ${problem}` });
}

/** How the channels do, the heartbeat among them; a broken `refit.yaml` has none. */
export async function channelStates(services: Services): Promise<readonly ChannelState[]> {
  const settings = await loadWorkspaceSettings(services);
  if (!settings.ok) return [];
  const { notices } = services.registry;
  const now = services.clock.now();
  const states = settings.value.channels.map(({ name }) => {
    const unsent = notices.unsent(name);
    const givenUp = unsent.filter((one) => isGivenUp(one, now)).length;
    return stateOf(name, { pending: unsent.length - givenUp, givenUp }, notices.lastAttempt(name));
  });
  const last = settings.value.heartbeat === undefined ? undefined : notices.lastBeat();
  return last === undefined ? states : [...states, stateOf('heartbeat', { pending: 0, givenUp: 0 }, last)];
}

const stateOf = (
  channel: string,
  counts: Pick<ChannelState, 'pending' | 'givenUp'>,
  last: { readonly at: Instant; readonly problem?: string } | undefined,
): ChannelState => ({
  channel,
  ...counts,
  ...(last === undefined ? {} : last.problem === undefined ? { deliveredAt: last.at } : { problem: last.problem }),
});
