import { createHash } from 'node:crypto';
import type { Finding } from '../domain/finding.js';
import type { FindingId } from '../domain/ids.js';

/** The id follows from what was found where, so that a second look at the same fault finds the same id. */
export function makeFinding(finding: Omit<Finding, 'id'>): Finding {
  const text = [finding.dataset ?? '', finding.code, finding.column ?? ''].join('\n');
  return { id: `f-${createHash('sha256').update(text).digest('hex').slice(0, 8)}` as FindingId, ...finding };
}

export const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

export const number = (value: number): string => String(Number(value.toPrecision(6)));
