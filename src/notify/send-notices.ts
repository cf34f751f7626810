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
import type { SentNotice } from '../domain/ports/records/notice-records.js';
import type { Services } from '../domain/ports/services.js';
import { hasSucceeded } from '../domain/runs/run.js';
import { doublingPauseMs } from '../domain/support/backoff.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { DAY_MS, type Instant, instantOf, MINUTE_MS, SECOND_MS } from '../domain/support/time.js';
import { runCommand } from '../execute/attempt/run-command.js';
import { loadPipeline } from '../pipeline/load-pipeline.js';
import type { Heartbeat, TrackingSettings } from '../pipeline/parse/sections/notifications.js';
import { loadWorkspaceSettings } from '../pipeline/workspace-settings.js';
import { careOf } from '../retrain/attention.js';
import { collectNotices } from './collect-notices.js';
import { checkTracking, logToTracking } from './log-to-tracking.js';
import { groupOf, runNoticesFor, withTrackedMoves } from './system-notices.js';
import { type NoticeWithCare, noticeBody, noticeJson } from './views/notice-text.js';

/** A notice is given up after this time or this many attempts. `status` shows how many were given up. */
const GIVE_UP_MS = 7 * DAY_MS;
const MOST_TRIES = 100;
/** After this many failed attempts a notice no longer blocks later ones. */
const PATIENCE_TRIES = 5;
/** After this many failures one command stops sending to a channel. The next command continues. */
const MOST_FAILURES = 3;
/** Maximum time that one command spends sending to a channel. The next command continues. */
const BUDGET_MS = 30 * SECOND_MS;
/** An attempt that is open for longer belongs to a dead process. */
const STALE_MS = 2 * MINUTE_MS;

/**
 * Sends every channel the notices that are new for it, and the heartbeat. Never fails the command: problems are recorded,
 * emitted as warnings and retried by the next command.
 */
export async function sendNotices(services: Services, startedAt: Instant): Promise<void> {
  const settings = await loadWorkspaceSettings(services);
  if (!settings.ok) {
    services.emit({
      type: 'warning',
      code: 'notifications',
      text: 'refit.yaml is invalid, so no notifications are sent',
    });
    return;
  }
  const { channels, heartbeat, lineageNamespace: namespace, tracking = {} } = settings.value;
  for (const channel of channels) {
    const since = services.registry.notices.mark(channel.name, startedAt);
    const { notices, mark } = collectNotices(services, since, runNoticesFor(services, channel, namespace));
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
 * Sends in order: while a notice waits for a retry, later ones of its group wait too, so that no effect is reported before
 * its cause. A notice that failed often no longer blocks others, because the receiver may reject its content.
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

/** Logs to a tracking server. Returns the problem, if any; on success emits what differs on the server as warnings. */
async function track(
  services: Services,
  channel: NoticeChannel,
  tracking: TrackingSettings,
  { notice }: SentNotice,
): Promise<string | undefined> {
  const { problem, notes } = await logToTracking(services, channel, tracking, notice);
  if (problem === undefined)
    for (const text of notes)
      services.emit({ type: 'warning', code: 'tracking-differs', text: `"${channel.name}": ${text}` });
  return problem;
}

/** Lineage and tracking notices always block their group, so that no run end is sent without its start. */
const isHoldingUp = ({ notice: { kind }, tries }: SentNotice): boolean =>
  kind === LINEAGE_NOTICE || kind === TRACKING_NOTICE || tries < PATIENCE_TRIES;

const isGivenUp = ({ writtenAt, tries }: SentNotice, now: Instant): boolean =>
  tries >= MOST_TRIES || now - writtenAt > GIVE_UP_MS;

/** Exponential backoff: at once, then after 1, 2, 4 … seconds, at most an hour. */
const isDue = ({ tries, lastTriedAt }: SentNotice, now: Instant): boolean =>
  lastTriedAt === undefined || now - lastTriedAt >= doublingPauseMs(SECOND_MS, tries);

async function withCare(services: Services, { notice }: SentNotice): Promise<NoticeWithCare> {
  if (notice.kind === LINEAGE_NOTICE || notice.kind === TRACKING_NOTICE) return notice;
  const loaded = await loadPipeline(services, notice.pipeline, { isSilent: true });
  if (!loaded.ok) return notice;
  const care: Care = careOf(services, loaded.value.pipeline, { now: services.clock.now(), isNowGiven: false });
  return { ...notice, care };
}

/** Sends one notice. Returns the problem, or undefined on success. */
async function deliver(
  services: Services,
  channel: NoticeChannel,
  notice: NoticeWithCare,
): Promise<string | undefined> {
  const { mask } = services.surroundings;
  const document = mask(JSON.stringify(noticeJson(notice)));
  return call(services, channel, {
    body: mask(noticeBody(channel.template, notice)),
    headers: { 'idempotency-key': notice.id, 'refit-notice-id': notice.id, 'refit-notice-kind': notice.kind },
    env: {
      REFIT_NOTICE: document,
      REFIT_NOTICE_ID: notice.id,
      REFIT_NOTICE_KIND: notice.kind,
      REFIT_NOTICE_PIPELINE: notice.pipeline,
      REFIT_NOTICE_SUMMARY: mask(notice.summary),
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
  const url = target.kind === 'url' ? target.url : services.surroundings.variables()[target.variable];
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
    env: { ...services.surroundings.publicEnv(), ...masked(services, spec.env) },
    logPath: `.refit/logs/notifications/${spec.log}.log`,
    timeoutMs: spec.timeoutMs,
  });
  if (hasSucceeded(outcome)) return undefined;
  const how = outcome.kind === 'exited' ? `it exited with ${outcome.exitCode}` : outcome.kind;
  return [how, ...tail.slice(-1)].join(': ');
}

const masked = (
  { surroundings }: Pick<Services, 'surroundings'>,
  env: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name, surroundings.mask(value)]));

/** Sends a test notice to every channel, or to the named one, and returns the results. Fails if there is no such channel. */
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
        const test: NoticeWithCare = {
          id: `test:${now}`,
          kind: 'decision',
          pipeline: 'refit' as PipelineName,
          summary: `test notice from ${services.surroundings.actor()}: nothing has happened`,
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

/** Sends the heartbeat if this command ended a tick. A failed heartbeat is not retried; the next tick sends a new one. */
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

/** Delivery state of every channel and of the heartbeat. Empty if `refit.yaml` is invalid. */
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
