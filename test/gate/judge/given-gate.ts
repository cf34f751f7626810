import type { GateRule } from '../../../src/domain/pipeline/pipeline.js';
import { judgeGate } from '../../../src/gate/judge/judge-gate.js';
import type { CommandResult, Rival, Scored } from '../../../src/gate/judge/judgement-input.js';

export const at = { file: 'p.yaml', line: 1, col: 1, endCol: 2 };
type Metric = Extract<GateRule, { readonly kind: 'metric' }>;

export const metric = (more: Partial<Metric>): Metric => ({
  kind: 'metric',
  metric: 'm',
  direction: 'higher',
  isRelative: false,
  against: [],
  at,
  ...more,
});
export const versus = (more: Partial<Metric>): Metric => metric({ against: ['champion'], ...more });

/** `undefined`: the metric is missing; text: what evaluate wrote in its place. */
export type Value = number | string | undefined;
export const score = (value: Value): Scored => ({
  metrics: typeof value === 'number' ? { m: value } : {},
  unusable: typeof value === 'string' ? { m: value } : {},
  slices: {},
});

export type Groups = Readonly<Record<string, readonly [value: number | undefined, rows: number | undefined]>>;
export const sliced = (groups: Groups): Scored => ({
  metrics: { m: 0 },
  unusable: {},
  slices: {
    by: Object.fromEntries(
      Object.entries(groups).map(([name, [value, rows]]) => [
        name,
        { ...(value === undefined ? {} : { m: value }), ...(rows === undefined ? {} : { n: rows }) },
      ]),
    ),
  },
});

export const NONE: Rival = { kind: 'none', why: 'there is no champion yet' };
export const rivalOf = (scored: Scored | undefined): Rival =>
  scored === undefined ? NONE : { kind: 'scored', label: 'champion', scored };

interface Given {
  readonly rule: GateRule;
  readonly candidate?: Scored;
  readonly champion?: Scored;
  readonly command?: CommandResult;
  readonly successes?: number;
}

/** The verdict on one rule; a second rule that passes keeps the gate from being empty. */
export function verdictOf({ rule, candidate = score(1), champion, command, successes }: Given): string {
  const [check] = judgeGate({
    rules: [rule],
    first: 'gate',
    candidate,
    hasChampion: true,
    rivals: {
      champion: rivalOf(champion),
      previous: NONE,
      'm@1': { kind: 'unscored', why: 'there is no version m@1' },
    },
    commands: command === undefined ? [] : [command],
    successes: successes === undefined ? [] : [successes],
  });
  return check?.verdict ?? 'no check';
}

export const [PASS, FAIL, NA] = ['pass', 'fail', 'not-applicable'] as const;
