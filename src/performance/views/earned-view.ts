import type { EarnedVerdict, EarnedVersion } from '../../domain/data/performance.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import type { ViewPart } from '../../domain/view.js';
import { dim, figure, heading, line, table, toned } from '../../render/parts/parts.js';

export const earnedJson = ({ name, model, version, metrics }: EarnedVersion): Json => ({
  name,
  model,
  version,
  metrics: { ...metrics },
});

/** The effect of retraining: versions on the same test data. */
export function earnedParts(earned: readonly EarnedVersion[]): readonly ViewPart[] {
  if (earned.length < 2) return [];
  const names = Object.keys(earned[0]?.metrics ?? {}).slice(0, 6);
  return [
    heading('what retraining has earned, on the same test data'),
    table(
      ['', 'version', ...names],
      earned.map(({ name, model, version, metrics }) => [
        name,
        `${model}@${version}`,
        ...names.map((metric) => (metrics[metric] === undefined ? dim('–') : figure(metrics[metric]))),
      ]),
    ),
  ];
}

export const earnedVerdictJson = (one: EarnedVerdict): JsonObject => ({
  name: one.name,
  model: one.model,
  version: one.version,
  metric: one.metric,
  gain: one.gain,
  lower: one.lower ?? null,
  upper: one.upper ?? null,
  rows: one.rows ?? null,
  verdict: one.verdict,
  detail: one.detail,
  offer: one.offer ?? null,
});

export const earnedVerdictParts = ({ verdict, detail, offer }: EarnedVerdict): readonly ViewPart[] => [
  line('  ', verdict === 'worse' ? toned(detail, 'bad') : detail),
  ...(offer === undefined ? [] : [line(dim(`    → to serve it again: ${offer}`))]),
];
