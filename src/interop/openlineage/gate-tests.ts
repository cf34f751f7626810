import type { GateCheck, GateVerdict } from '../../domain/models/model.js';
import type { JsonObject } from '../../domain/support/json.js';

const STATUS: Readonly<Record<GateCheck['verdict'], string>> = { pass: 'pass', fail: 'fail', 'not-applicable': 'skip' };

/** Gate results as OpenLineage tests: the verdict first, because the checks alone do not imply it, then every check. */
export const gateTests = ({ verdict, candidate, champion, checks }: GateVerdict): readonly JsonObject[] => [
  {
    name: `${candidate.model}@${candidate.version}`,
    type: 'gate',
    status: verdict,
    severity: 'error',
    params: {
      model: candidate.model,
      version: candidate.version,
      champion: champion === undefined ? null : champion.version,
    },
  },
  ...checks.map((check) => ({
    name: check.name,
    type: 'gate-check',
    status: STATUS[check.verdict],
    severity: 'error',
    content: check.detail,
    contentType: 'text/plain',
    expected: check.limit === undefined ? undefined : String(check.limit),
    actual: check.observed === undefined ? undefined : String(check.observed),
  })),
];
