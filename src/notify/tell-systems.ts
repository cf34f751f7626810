import { LINEAGE_NOTICE, type Notice, type NoticeChannel, TRACKING_NOTICE } from '../domain/decisions/notice.js';
import type { Services } from '../domain/ports/services.js';
import type { RunFacts } from '../domain/runs/run-facts.js';

/** What a channel is told of a run that has ended, if it is told of runs. */
export function runTeller(
  services: Pick<Services, 'lineageEvents'>,
  { kinds }: NoticeChannel,
  namespace: string | undefined,
): ((facts: RunFacts) => readonly Notice[]) | undefined {
  if (kinds.includes(LINEAGE_NOTICE)) return (facts) => eventNotices(services, facts, namespace);
  return kinds.includes(TRACKING_NOTICE) ? (facts) => [runNotice(facts)] : undefined;
}

/** The number keeps events of one moment in their order. */
const eventNotices = (
  services: Pick<Services, 'lineageEvents'>,
  facts: RunFacts,
  namespace: string | undefined,
): readonly Notice[] =>
  services.lineageEvents.ofRun(facts, namespace).map((event, place) => ({
    id: `lineage:${facts.run.id}:${String(place).padStart(6, '0')}`,
    kind: LINEAGE_NOTICE,
    pipeline: facts.run.pipeline,
    summary: `an event of run ${facts.run.id}`,
    at: facts.run.finishedAt,
    facts: event,
  }));

/** Only which run: its facts are the registry's, and read when it is told. */
const runNotice = ({ run }: RunFacts): Notice => ({
  id: `tracking:${run.id}`,
  kind: TRACKING_NOTICE,
  pipeline: run.pipeline,
  summary: `run ${run.id}`,
  at: run.finishedAt,
  facts: { run: run.id },
});

/** A tracking server is told that a model's champion has moved; to where is the registry's, and read when it is told. */
export const withTrackedMoves = (notices: readonly Notice[]): readonly Notice[] =>
  notices.flatMap((notice) => {
    if (notice.kind !== 'promotion' && notice.kind !== 'rollback') return [notice];
    const { model } = notice.facts;
    return [notice, { ...notice, id: `tracking:${notice.id}`, kind: TRACKING_NOTICE, facts: { model: model ?? null } }];
  });

/** What keeps its order: of lineage the events of one run, of tracking the moves of one model, of the rest the whole channel. */
export function groupOf({ kind, id, facts }: Notice): string {
  if (kind === LINEAGE_NOTICE) return id.slice(0, id.lastIndexOf(':'));
  if (kind === TRACKING_NOTICE) return typeof facts.model === 'string' ? `tracking:${facts.model}` : id;
  return '';
}
