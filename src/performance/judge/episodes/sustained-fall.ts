import type { Estimate } from '../../../statistics/estimate.js';
import { type DropRule, FEWEST_WINDOWS, referenceLevel, studentQuantile } from '../performance-drop.js';

/** Numbers of newest windows that are judged together. */
const GROUPS = [2, 4, 8];
/** Confidence of each: 99.9 %, because three groups are tried at every window. */
const GROUP_SDS = 3.09;

/**
 * How many of the newest windows have fallen together although no single one shows it; 0 if none. `windows` are ordered
 * by time. Each group is compared with the baseline and the windows before it.
 */
export function sustainedFall(baseline: readonly Estimate[], windows: readonly Estimate[], rule: DropRule): number {
  const hasFallen = (size: number): boolean =>
    hasGroupFallen([...baseline, ...windows.slice(0, -size)], windows.slice(-size), rule);
  return GROUPS.find(hasFallen) ?? 0;
}

function hasGroupFallen(references: readonly Estimate[], group: readonly Estimate[], rule: DropRule): boolean {
  if (references.length < Math.max(FEWEST_WINDOWS, group.length)) return false;
  const { level, levelVariance, spreadVariance, freedom, correlation } = referenceLevel(references);
  const mean = group.reduce((sum, one) => sum + one.value, 0) / group.length;
  const sampling = group.reduce((sum, one) => sum + one.standardError ** 2, 0) / group.length ** 2;
  // The mean of windows that resemble their neighbours varies more, at most as much as a single window.
  const between = (spreadVariance / group.length) * ((1 + correlation) / (1 - correlation));
  const reach = Math.sqrt(Math.min(spreadVariance, between) + sampling + levelVariance);
  const fall = rule.isHigherBetter ? level - mean : mean - level;
  return fall > Math.max(rule.drop, studentQuantile(GROUP_SDS, freedom) * reach);
}
