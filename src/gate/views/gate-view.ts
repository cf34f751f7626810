import type { GateCheck, GateVerdict, RollbackTarget } from '../../domain/models/model.js';
import type { JsonObject } from '../../domain/support/json.js';
import type { Span, ViewPart } from '../../domain/view.js';
import { dim, figure, heading, line, strong, table, times, toned, word } from '../../render/parts/parts.js';

export function gateJson(gate: GateVerdict): JsonObject {
  return {
    verdict: gate.verdict,
    checks: gate.checks.map(({ name, verdict, observed, limit, detail, champion, championVerdict }) => ({
      name,
      verdict,
      observed: observed ?? null,
      limit: limit ?? null,
      detail,
      champion: champion ?? null,
      champion_verdict: championVerdict ?? null,
    })),
    ...times({ judged_at: gate.judgedAt }),
  };
}

/** The verdict, every check, and beside it the champion's own value where the gate knows one. */
export function gateParts(gate: GateVerdict): readonly ViewPart[] {
  const hasChampion = gate.checks.some((check) => check.champion !== undefined);
  return [
    heading(`gate: ${gate.verdict}`),
    table(
      ['check', 'verdict', ...(hasChampion ? ['champion'] : []), 'detail'],
      gate.checks.map((check) => [
        check.name,
        word(check.verdict),
        ...(hasChampion ? [championCell(check)] : []),
        dim(check.detail),
      ]),
    ),
    ...championLines(gate),
  ];
}

const championCell = ({ champion, championVerdict }: GateCheck): Span =>
  champion === undefined ? dim('–') : toned(figure(champion), championVerdict === 'fail' ? 'bad' : 'plain');

function championLines({ champion, checks }: GateVerdict): readonly ViewPart[] {
  const failed = checks.filter((check) => check.championVerdict === 'fail').map((check) => check.name);
  if (champion === undefined || failed.length === 0) return [];
  return [
    line(
      toned('the champion fails too ', 'bad'),
      `version ${champion.version}, which serves, does not keep ${failed.join(', ')}`,
    ),
  ];
}

/** What the verdict on the serving version means, when it is judged again, and what can be done about it. */
export const servingFailure = (
  version: string,
  gate: GateVerdict | undefined,
  rollbackTo: RollbackTarget | undefined,
): readonly ViewPart[] =>
  gate?.verdict !== 'fail'
    ? []
    : [
        line(
          toned('serves, and fails the gate ', 'bad'),
          strong(version),
          ` would not be let in today: ${failed(gate)}`,
        ),
        line(dim(`train a better one, or change the gate; ${wayBack(version.split('@')[0] ?? '', rollbackTo)}`)),
      ];

/** How to go back, or why that is not possible. */
export function wayBack(model: string, target: RollbackTarget | undefined): string {
  if (target === undefined) return 'there is no earlier version to go back to';
  const { version, obstacle } = target;
  return obstacle === undefined
    ? `to go back to version ${version}: refit rollback ${model} --reason "…"`
    : `version ${version} served before, but ${AGAINST[obstacle]}: refit rollback ${model} --force --reason "…"`;
}

const AGAINST: Readonly<Record<NonNullable<RollbackTarget['obstacle']>, string>> = {
  'never-served': 'never under this hash',
  'served-by-force': 'only because somebody forced it past the gate',
  rejected: 'a person has rejected it since',
  'not-approved': 'nobody has approved it',
};

const failed = ({ checks }: GateVerdict): string =>
  checks
    .filter((check) => check.verdict === 'fail')
    .map((check) => `${check.name} (${check.detail})`)
    .join(', ');
