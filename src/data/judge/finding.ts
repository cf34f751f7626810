import { createHash } from 'node:crypto';
import type { Finding } from '../../domain/data/finding.js';
import { selectionText } from '../../domain/data/row-selection.js';
import type { FindingId, PipelineName } from '../../domain/ids.js';

export { percentText as percent } from '../../domain/support/percent-text.js';

/**
 * The id follows from what was found, where, and how bad it is, in coarse steps. A second look at the same fault finds
 * the same id; a fault that became twice as bad is another finding.
 */
export function makeFinding(finding: Omit<Finding, 'id'>): Finding {
  const { selects } = finding;
  const sql = selects === undefined || selects.kind === 'breaks' ? undefined : selectionText(selects);
  return { id: idOf(finding, ''), ...finding, sql: finding.sql ?? sql };
}

/** The same findings with ids of their pipeline, so that an answer given in one pipeline does not count in another. */
export const inPipeline = (pipeline: PipelineName, findings: readonly Finding[]): readonly Finding[] =>
  findings.map((finding) => ({ ...finding, id: idOf(finding, pipeline) }));

function idOf(finding: Omit<Finding, 'id'>, pipeline: string): FindingId {
  const size = magnitudeOf(finding);
  const bucket = size === undefined ? '' : String(Math.round(Math.log2(Math.max(size, 1e-6))));
  const text = JSON.stringify([pipeline, finding.dataset ?? '', finding.code, subjectOf(finding), bucket]);
  return `f-${createHash('sha256').update(text).digest('hex').slice(0, 8)}` as FindingId;
}

/** The column or rule that the finding is about. A table may have many rules. */
export function subjectOf({ column, evidence }: Pick<Finding, 'column' | 'evidence'>): string {
  return column ?? (typeof evidence.rule === 'string' ? evidence.rule : '');
}

/**
 * How bad it is, in the finding's own measure: a share of rows, a multiple of a limit, a distance. `undefined` for a
 * finding without degrees.
 */
export function magnitudeOf({ evidence }: Pick<Finding, 'evidence'>): number | undefined {
  const of = (key: string): number | undefined => {
    const value = evidence[key];
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  };
  const [age, limit, bad, rows] = [of('age_ms'), of('limit_ms'), of('bad'), of('rows')];
  if (age !== undefined && limit !== undefined) return age / limit;
  if (bad !== undefined && rows !== undefined) return bad / Math.max(1, rows);
  const factor = of('factor');
  if (factor !== undefined) return Math.max(Math.abs(factor), 1 / Math.max(1e-12, Math.abs(factor)));
  return of('after') ?? of('share') ?? of('distance');
}

/** The number with six digits; whole numbers in full. */
export const number = (value: number): string =>
  Number.isSafeInteger(value) ? String(value) : String(Number(value.toPrecision(6)));

/** How people answered findings of one kind. */
export interface Calls {
  readonly answered: number;
  readonly bugs: number;
}

export const countCalls = (answers: readonly ('bug' | 'normal')[]): Calls => ({
  answered: answers.length,
  bugs: answers.filter((one) => one === 'bug').length,
});
