import type { RetrainDecision } from '../../domain/decisions/decision.js';
import { type Instant, instantOf } from '../../domain/support/time.js';
import { moment, plural } from '../../render/parts/parts.js';
import { printable } from '../../render/parts/printable.js';
import { shorten } from '../../render/parts/width.js';
import type { TimelineFigure } from './figures/figure.js';
import type { PipelineFacts } from './pipeline-facts.js';

const LANES = ['decisions', 'serving', 'episodes', 'holds', 'events'];

/** The colours by kind of decision. The page's legend names them. */
const DECISION_COLOURS: Readonly<Record<RetrainDecision['decision'], string>> = {
  retrain: 'var(--good)',
  wait: 'var(--reference)',
  hold: 'var(--bad)',
  suggest: 'var(--warn)',
  paused: 'var(--warn)',
};

type Span = TimelineFigure['spans'][number];

/** Decisions, serving versions, episodes, holds and events in the ledger's time. `undefined` if there are none. */
export function timelineFigure(facts: PipelineFacts): TimelineFigure | undefined {
  const { decisions } = facts;
  const points = decisions.map(({ decision, outcome }) => ({
    lane: 'decisions',
    at: decision.now,
    colour: outcome?.outcome === 'gate-refused' ? 'var(--warn)' : DECISION_COLOURS[decision.decision],
    text: textOf(
      `${moment(decision.now)} ${decision.decision}: ${decision.summary}${outcome === undefined ? '' : ` → ${outcome.outcome}`}`,
    ),
  }));
  const end = instantOf(Math.max(facts.when.isNowGiven ? facts.when.now : 0, ...ends(facts)));
  const spans = [
    ...servingSpans(facts, end),
    ...episodeSpans(facts, end),
    ...holdSpans(facts, end),
    ...eventSpans(facts),
  ];
  if (points.length + spans.length === 0) return undefined;
  return {
    kind: 'timeline',
    name: 'timeline',
    title: 'Timeline',
    description: `${plural(points.length, 'decision')} and ${plural(spans.length, 'span')}: what served, falls in performance, holds and events.`,
    lanes: LANES,
    points,
    spans,
  };
}

const textOf = (text: string): string => shorten(printable(text), 160);

/** Nothing lasts longer than the newest thing that is known, in the ledger's time. */
const ends = ({ decisions, moves, episodes, status }: PipelineFacts): readonly number[] => [
  ...decisions.map(({ decision }) => decision.now),
  ...moves.map(({ now }) => now),
  ...episodes.map(({ end, now }) => end?.now ?? now),
  ...(status.lastRun === undefined ? [] : [status.lastRun.now]),
];

const servingSpans = ({ moves }: PipelineFacts, end: Instant): readonly Span[] =>
  moves.map((move, i) => {
    const to = moves[i + 1]?.now ?? end;
    const colour = move.isForced || move.kind === 'rollback' ? 'var(--warn)' : 'var(--accent)';
    return {
      lane: 'serving',
      from: move.now,
      to,
      colour,
      label: `@${move.to}`,
      text: textOf(
        `version ${move.to} from ${moment(move.now)}: ${move.kind}${move.isForced ? ', forced' : ''}, ${move.reason}`,
      ),
    };
  });

const episodeSpans = ({ episodes }: PipelineFacts, end: Instant): readonly Span[] =>
  episodes.map((one) => ({
    lane: 'episodes',
    from: one.since,
    to: one.end?.now ?? end,
    colour: 'var(--bad)',
    label: one.metric,
    text: textOf(
      `${one.metric} fell, since ${moment(one.since)}${one.end === undefined ? ', open' : `, ended: ${one.end.because}`}`,
    ),
  }));

/** A hold lasts from its first decision to the next one that is no hold. */
function holdSpans({ decisions }: PipelineFacts, end: Instant): readonly Span[] {
  const spans: Span[] = [];
  let first: RetrainDecision | undefined;
  const close = (to: Instant): void => {
    if (first !== undefined)
      spans.push({
        lane: 'holds',
        from: first.now,
        to,
        colour: 'var(--bad)',
        label: '',
        text: textOf(`held from ${moment(first.now)} to ${moment(to)}: ${first.summary}`),
      });
    first = undefined;
  };
  for (const { decision } of decisions)
    if (decision.decision === 'hold') first ??= decision;
    else close(decision.now);
  close(end);
  return spans;
}

const eventSpans = ({ events }: PipelineFacts): readonly Span[] =>
  events.map((event) => ({
    lane: 'events',
    from: event.from,
    to: event.until,
    colour: 'var(--dim)',
    label: shorten(printable(event.name), 20),
    text: textOf(`${event.name}: ${moment(event.from)} to ${moment(event.until)}, ${event.effect}`),
  }));
