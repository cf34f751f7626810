import { inPipeline, makeFinding } from '../data/judge/finding.js';
import type { Finding } from '../domain/data/finding.js';
import type { EpisodeTrainings, PerformanceReport, StoredEpisode, WatchedEpisode } from '../domain/data/performance.js';
import type { PipelineName } from '../domain/ids.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { type Instant, instantOf, toIso } from '../domain/support/time.js';
import type { When } from '../domain/when.js';
import { isPast } from '../models/champion.js';
import type { EpisodeFacts } from './watched-model.js';

/** More trainings than this within one episode are not counted. */
const MOST_TRAININGS = 1000;

/** What the registry knew at a moment about a pipeline's falls. */
export function episodeFacts(
  services: Pick<Services, 'registry'>,
  pipeline: PipelineName,
  when: Pick<When, 'now'>,
): EpisodeFacts {
  const known = services.registry.performance.episodes(pipeline).filter((one) => one.now <= when.now);
  const normal = calledNormal(services, pipeline);
  const isOpen = ({ end }: StoredEpisode): boolean => end === undefined || end.now > when.now;
  const isNormal = (episode: StoredEpisode): boolean =>
    normal.has(findingOf(pipeline, episode).id) || episode.end?.because === 'resolved';
  const isAbout = (metric: string, windowMs: number) => (one: StoredEpisode) =>
    one.metric === metric && one.windowMs === windowMs;
  return {
    all: known.filter((one) => isOpen(one) && !isNormal(one)),
    open: (metric, windowMs) =>
      known.filter(isAbout(metric, windowMs)).findLast((one) => isOpen(one) && !isNormal(one)),
    last: (metric, windowMs) => {
      const found = known.filter(isAbout(metric, windowMs)).findLast((one) => !isOpen(one) || isNormal(one));
      if (found === undefined) return undefined;
      const { opened, before, end } = found;
      return { opened, before, until: end?.now ?? when.now, isAccepted: isNormal(found) };
    },
    trainingsSince: (since) => trainingsBetween(services, pipeline, since, when.now),
    findingOf: (episode) => findingOf(pipeline, episode).id,
  };
}

function calledNormal({ registry }: Pick<Services, 'registry'>, pipeline: PipelineName): ReadonlySet<string> {
  const answers = registry.findings.answers(pipeline).filter((one) => one.answer === 'normal');
  return new Set(answers.map((one) => one.finding.id));
}

function trainingsBetween(
  { registry }: Pick<Services, 'registry'>,
  pipeline: PipelineName,
  since: Instant,
  until: Instant,
): EpisodeTrainings {
  const { decisions } = registry;
  const filter = { pipeline, decision: 'retrain', since, until, limit: MOST_TRAININGS } as const;
  const outcomes = decisions.list(filter).map((one) => decisions.outcome(one.id)?.outcome);
  return { total: outcomes.length, refused: outcomes.filter((one) => one === 'gate-refused').length };
}

/**
 * A fall as a finding, so that a person can call it normal. It does not hold back training, because training is what it
 * asks for.
 */
export function findingOf(
  pipeline: PipelineName,
  { metric, opened, detail }: { readonly metric: string; readonly opened: Instant; readonly detail?: string },
): Finding {
  const bare = makeFinding({
    dataset: 'predictions',
    code: 'performance-fell',
    severity: 'warning',
    detail: detail ?? `${metric} fell`,
    likelyCause: 'the world has changed; if the new level is right, call it normal',
    evidence: { rule: `${metric} since ${toIso(opened)}` },
  });
  const [finding = bare] = inPipeline(pipeline, [bare]);
  return finding;
}

/** Newest checks that are searched for the last value of an episode. */
const CHECKS = 50;

/** Open falls of a pipeline, with the value at the last check and their age at a moment. */
export function openEpisodes(
  services: Pick<Services, 'registry'>,
  pipeline: PipelineName,
  when: Pick<When, 'now'>,
): readonly WatchedEpisode[] {
  const facts = episodeFacts(services, pipeline, when);
  const checks = facts.all.length === 0 ? [] : services.registry.performance.checks(pipeline, CHECKS);
  return facts.all.map((one) => asWatched(facts, checks, one, when.now));
}

/** Falls that were open at some time between two moments, including those that ended. */
export function episodesBetween(
  services: Pick<Services, 'registry'>,
  pipeline: PipelineName,
  { from, until }: { readonly from: Instant; readonly until?: Instant },
): readonly WatchedEpisode[] {
  const { performance } = services.registry;
  const found = performance
    .episodes(pipeline)
    .filter((one) => (until === undefined || one.since <= until) && (one.end === undefined || one.end.now >= from));
  if (found.length === 0) return [];
  const checks = performance.checks(pipeline, CHECKS);
  const last = instantOf(Math.max(...found.map((one) => one.now), ...checks.map((one) => one.asOf)));
  const facts = episodeFacts(services, pipeline, { now: last });
  return found.map((one) => asWatched(facts, checks, one, one.end?.now ?? last));
}

function asWatched(
  facts: EpisodeFacts,
  checks: readonly PerformanceReport[],
  { end, ...stored }: StoredEpisode,
  now: Instant,
): WatchedEpisode {
  const { metric, windowMs, opened, before, bad, isConfirmed } = stored;
  const seen = checks.find(
    (one) => one.metric === metric && one.windowMs === windowMs && one.episode?.opened === opened,
  )?.episode;
  const since = seen?.since ?? stored.since;
  return {
    metric,
    end,
    episode: {
      since,
      opened,
      before,
      now: seen?.now ?? bad.value,
      ageMs: Math.max(0, now - since),
      bad,
      isConfirmed,
      trainings: facts.trainingsSince(since),
      finding: facts.findingOf(stored),
    },
  };
}

/** Appends that a fall was found or has ended. A check of a past moment appends nothing. */
export function recordEpisode(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when: When,
  report: PerformanceReport,
): void {
  const { metric, windowMs, episode, verdict, version } = report;
  const isOld: boolean = isPast(services, pipeline, when);
  if (metric === undefined || isOld) return;
  const { performance } = services.registry;
  const at = services.clock.now();
  const left = performance
    .episodes(pipeline.name)
    .filter((one) => one.end === undefined && one.metric === metric && one.windowMs === windowMs);
  const facts = episodeFacts(services, pipeline.name, when);
  const open = facts.open(metric, windowMs);
  for (const one of left)
    if (one.id !== open?.id && one.now <= when.now)
      performance.endEpisode(one.id, { because: 'resolved', now: when.now, at });
  if (open !== undefined && episode === undefined && verdict === 'stable') {
    const because = open.version === version?.version ? 'recovered' : 'champion';
    performance.endEpisode(open.id, { because, now: when.now, at });
  }
  if (open === undefined && episode !== undefined)
    performance.openEpisode(pipeline.name, {
      metric,
      windowMs,
      version: version?.version,
      opened: episode.opened,
      since: episode.since,
      before: episode.before,
      bad: episode.bad,
      isConfirmed: episode.isConfirmed,
      change: report.change,
      now: when.now,
      foundAt: at,
    });
}
