import { LINEAGE_NOTICE, type Notice, type NoticeChannel, TRACKING_NOTICE } from '../domain/decisions/notice.js';
import type { Services } from '../domain/ports/services.js';
import type { RunFacts } from '../domain/runs/run-facts.js';

/** Makes the notices of an ended run for a channel of a lineage or tracking system; undefined for other channels. */
export function runNoticesFor(
  services: Pick<Services, 'lineageEvents'>,
  { kinds }: NoticeChannel,
  namespace: string | undefined,
): ((facts: RunFacts) => readonly Notice[]) | undefined {
  if (kinds.includes(LINEAGE_NOTICE)) return (facts) => eventNotices(services, facts, namespace);
  return kinds.includes(TRACKING_NOTICE) ? (facts) => [runNotice(facts)] : undefined;
}

/** The padded number in the id keeps events with the same time in order. */
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

/** Holds only the run id. The facts are read from the registry when the notice is sent. */
const runNotice = ({ run }: RunFacts): Notice => ({
  id: `tracking:${run.id}`,
  kind: TRACKING_NOTICE,
  pipeline: run.pipeline,
  summary: `run ${run.id}`,
  at: run.finishedAt,
  facts: { run: run.id },
});

/** Adds a tracking notice for every promotion and rollback. The new champion is read from the registry when it is sent. */
export const withTrackedMoves = (notices: readonly Notice[]): readonly Notice[] =>
  notices.flatMap((notice) => {
    if (notice.kind !== 'promotion' && notice.kind !== 'rollback') return [notice];
    const { model } = notice.facts;
    return [notice, { ...notice, id: `tracking:${notice.id}`, kind: TRACKING_NOTICE, facts: { model: model ?? null } }];
  });

/** Notices of one group are sent in order: lineage events of one run, tracked moves of one model, else the whole channel. */
export function groupOf({ kind, id, facts }: Notice): string {
  if (kind === LINEAGE_NOTICE) return id.slice(0, id.lastIndexOf(':'));
  if (kind === TRACKING_NOTICE) return typeof facts.model === 'string' ? `tracking:${facts.model}` : id;
  return '';
}
