import { type Direction, directionOf } from '../../../domain/models/metric-direction.js';
import type { GateRule } from '../../../domain/pipeline/pipeline.js';
import { type BuildContext, buildCommand, duration, type Scope } from '../context.js';
import type { RawModel } from '../schema.js';
import type { YamlPath } from '../source/yaml-source.js';
import { buildResources } from './resources.js';

type RawRule = NonNullable<RawModel['gate']>[number];
type RawMetricRule = Extract<RawRule, { readonly metric: string }>;

const DEFAULT_SMOKE_TIMEOUT_MS = 60_000;
const DEFAULT_LATENCY_QUANTILE = 0.95;
const DEFAULT_LATENCY_RUNS = 5;
const SCOPE: Scope = { kinds: ['param', 'model-path', 'run-id'] };

export function buildGate(raw: readonly RawRule[], context: BuildContext): readonly GateRule[] {
  return raw.flatMap((rule, i) => {
    const path: YamlPath = ['model', 'gate', i];
    if (typeof rule === 'string') return buildShort(rule, path, context);
    if ('smoke' in rule) return [buildSmoke(rule, path, context)];
    if ('latency' in rule) return [buildLatency(rule, path, context)];
    if ('prior_successes' in rule)
      return [
        {
          kind: 'successes',
          count: rule.prior_successes,
          at: context.report.position(path),
          profile: rule.profile,
        },
      ];
    return 'metric' in rule ? buildMetric(rule, path, context) : [];
  });
}

function buildShort(text: string, path: YamlPath, context: BuildContext): readonly GateRule[] {
  const [, metric, operator, limit] = /^\s*([\w.@/-]+)\s*(>=|<=)\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)\s*$/i.exec(text) ?? [];
  if (metric === undefined || limit === undefined) {
    context.report.at(path, {
      code: 'wrong-value',
      message: `"${text}" is no check`,
      suggestion: 'write metric >= number or metric <= number, like auc >= 0.6',
    });
    return [];
  }
  return buildMetric(
    { metric, ...(operator === '>=' ? { min: Number(limit) } : { max: Number(limit) }) },
    path,
    context,
  );
}

function buildSmoke(
  rule: Extract<RawRule, { readonly smoke: unknown }>,
  path: YamlPath,
  context: BuildContext,
): GateRule {
  const memory =
    rule.memory === undefined ? undefined : buildResources({ memory: rule.memory }, path, context.report).memory;
  return {
    kind: 'smoke',
    command: buildCommand(rule.smoke, [...path, 'smoke'], SCOPE, context),
    timeoutMs: duration(rule.timeout) ?? DEFAULT_SMOKE_TIMEOUT_MS,
    memoryBytes: memory,
    at: context.report.position(path),
  };
}

const buildLatency = (
  rule: Extract<RawRule, { readonly latency: unknown }>,
  path: YamlPath,
  context: BuildContext,
): GateRule => ({
  kind: 'latency',
  command: buildCommand(rule.latency, [...path, 'latency'], SCOPE, context),
  timeoutMs: duration(rule.timeout) ?? DEFAULT_SMOKE_TIMEOUT_MS,
  maxMs: duration(rule.max) ?? 0,
  quantile: rule.quantile ?? DEFAULT_LATENCY_QUANTILE,
  runs: rule.runs ?? DEFAULT_LATENCY_RUNS,
  at: context.report.position(path),
});

function buildMetric(rule: RawMetricRule, path: YamlPath, context: BuildContext): readonly GateRule[] {
  const isComparing = [rule.max_regression, rule.min_improvement, rule.max_improvement].some(
    (one) => one !== undefined,
  );
  checkLimits(rule, isComparing, path, context);
  const against = typeof rule.against === 'string' ? [rule.against] : (rule.against ?? []);
  return [
    {
      kind: 'metric',
      metric: rule.metric,
      direction: ruleDirection(rule, isComparing, path, context),
      isRelative: rule.relative ?? false,
      against: [...new Set(against)],
      at: context.report.position(path),
      slices: rule.slices,
      min: rule.min,
      max: rule.max,
      maxRegression: rule.max_regression,
      minImprovement: rule.min_improvement,
      maxImprovement: rule.max_improvement,
      maxSpread: rule.max_spread,
      confidence: rule.confidence,
      minCount: rule.min_count,
    },
  ];
}

/** The declared direction, that of a known metric, or that of the rule's limit. A comparison is never guessed. */
function ruleDirection(rule: RawMetricRule, isComparing: boolean, path: YamlPath, { report }: BuildContext): Direction {
  const known = rule.direction ?? directionOf(rule.metric);
  if (known !== undefined) return known;
  if (isComparing)
    report.atKey(path, 'metric', {
      code: 'missing-key',
      message: `refit does not know whether a higher or a lower "${rule.metric}" is better`,
      suggestion: 'add direction: higher, or direction: lower',
    });
  return rule.min === undefined && rule.max !== undefined ? 'lower' : 'higher';
}

/** Reports checks that cannot fail and keys without effect. */
function checkLimits(rule: RawMetricRule, isComparing: boolean, path: YamlPath, context: BuildContext): void {
  if (!isComparing && [rule.min, rule.max, rule.max_spread].every((one) => one === undefined))
    context.report.at(path, {
      code: 'empty-check',
      message: `the check of "${rule.metric}" has no limit, so it could never fail`,
      suggestion: 'add min, max, or against: champion with max_regression, min_improvement or max_improvement',
    });
  for (const { key, isUsed, needs } of [
    {
      key: 'confidence' as const,
      isUsed: (rule.max_regression ?? rule.min_improvement) !== undefined && rule.slices === undefined,
      needs: 'max_regression or min_improvement, and no slices',
    },
    { key: 'relative' as const, isUsed: isComparing, needs: 'max_regression, min_improvement or max_improvement' },
    { key: 'against' as const, isUsed: isComparing, needs: 'max_regression, min_improvement or max_improvement' },
    { key: 'min_count' as const, isUsed: rule.slices !== undefined, needs: 'slices' },
    { key: 'max_spread' as const, isUsed: rule.slices !== undefined, needs: 'slices' },
  ])
    if (rule[key] !== undefined && !isUsed)
      context.report.atKey(path, key, {
        code: 'no-effect',
        message: `"${key}" has no effect in this check of "${rule.metric}"`,
        suggestion: `it needs ${needs}; remove it`,
      });
  if (isComparing && rule.against === undefined)
    context.report.at(path, {
      code: 'missing-key',
      message: `the check of "${rule.metric}" compares, but does not say with which model`,
      suggestion: 'add against: champion',
    });
}
