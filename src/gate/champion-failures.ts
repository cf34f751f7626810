import type { GateVerdict, ModelVersion } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { newestFirst } from '../domain/support/time.js';
import { isHashOfGate } from './gate-hash.js';

/** How many of the newest versions are searched for a verdict that has the champion's scores in it. */
const VERSIONS = 20;

export interface ChampionFailures {
  readonly checks: readonly string[];
  /** The gate in the pipeline file has changed since that verdict, so it may say something else today. */
  readonly isOfOtherGate: boolean;
}

/**
 * The limits of the gate that the champion does not keep, by its newest verdict: its own, or one on a candidate that it
 * was scored beside.
 */
export function championFailures(
  { registry, clock }: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pick<Pipeline, 'model' | 'params'>,
  champion: ModelVersion,
): ChampionFailures {
  const { models } = registry;
  const recent = models.versions(champion.model).slice(-VERSIONS);
  const others = recent.filter(({ version }) => version !== champion.version);
  const verdicts = [champion, ...others]
    .flatMap((version) => models.gateVerdicts(version))
    .filter((verdict) => isOwn(verdict, champion) || verdict.champion?.version === champion.version);
  const [newest] = newestFirst(verdicts, (verdict) => verdict.judgedAt, clock.now());
  if (newest === undefined) return { checks: [], isOfOtherGate: false };
  const checks = newest.checks
    .filter((check) => (isOwn(newest, champion) ? check.verdict : check.championVerdict) === 'fail')
    .map((check) => check.name);
  return { checks, isOfOtherGate: checks.length > 0 && !isOfGate({ registry }, pipeline, newest) };
}

/** Whether the gate is still as it was when the verdict was given. */
function isOfGate(
  { registry: { models, runs } }: Pick<Services, 'registry'>,
  { model, params }: Pick<Pipeline, 'model' | 'params'>,
  { candidate, gateHash }: GateVerdict,
): boolean {
  const judged = models.get(candidate);
  const own = judged === undefined ? undefined : runs.get(judged.run)?.params;
  const versions = models.versions(candidate.model);
  return model !== undefined && isHashOfGate(gateHash, model, own === undefined ? [params] : [params, own], versions);
}

const isOwn = ({ candidate }: GateVerdict, { version }: ModelVersion): boolean => candidate.version === version;
