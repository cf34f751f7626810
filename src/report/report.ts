import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { When } from '../domain/when.js';
import { diff } from '../lineage/diff.js';
import { findVersion } from '../models/find-version.js';
import { collectFacts } from './collect-facts.js';
import { reportVersion } from './report-version.js';
import { comparisonDocument } from './views/comparison-document.js';
import type { ReportDocument } from './views/document.js';
import { pipelineDocument } from './views/pipeline-document.js';

export interface Asked {
  readonly subject: string;
  /** A second version or run to compare with. */
  readonly other?: string;
  /** The model card, also if the subject is a pipeline. */
  readonly isCard: boolean;
  readonly when: When;
}

/** The report of a pipeline, the card of a version, or the comparison of two versions or runs. */
export async function report(services: Services, asked: Asked): Promise<Result<ReportDocument, Failure>> {
  const { subject, other, when } = asked;
  if (other !== undefined) {
    const compared = await diff(services, subject, other);
    return compared.ok ? ok(comparisonDocument([subject, other], compared.value)) : compared;
  }
  if (asked.isCard) return reportVersion(services, subject);
  const facts = await collectFacts(services, subject, when);
  if (facts.ok) return ok(pipelineDocument(facts.value));
  // A pipeline and its model often have one name, which then means the pipeline.
  const isVersion = facts.error.code === 'pipeline-not-found' && findVersion(services, subject) !== undefined;
  return isVersion ? reportVersion(services, subject) : facts;
}

/** Changes when a report of the pipeline would: a new run or decision, a step that ended, a move, an answer. */
export function stateOf({ registry }: Pick<Services, 'registry'>): string {
  const { runs, models, decisions } = registry;
  const [run] = runs.list({ limit: 1 });
  const [decision] = decisions.list({ limit: 1 });
  return JSON.stringify([
    run?.id,
    run?.status,
    run === undefined ? [] : runs.executions(run.id).map(({ step, status }) => [step, status]),
    decision?.id,
    decision === undefined ? undefined : decisions.outcome(decision.id)?.outcome,
    models.ledger().length,
  ]);
}
