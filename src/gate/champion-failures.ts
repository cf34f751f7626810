import type { GateVerdict, ModelVersion } from '../domain/models/model.js';
import type { Services } from '../domain/ports/services.js';

/** How many of the newest versions are searched for a verdict that has the champion's scores in it. */
const VERSIONS = 20;

/**
 * The limits of the gate that the champion does not keep, by its newest verdict: its own, or one on a candidate that it
 * was scored beside.
 */
export function championFailures({ registry }: Pick<Services, 'registry'>, champion: ModelVersion): readonly string[] {
  const { models } = registry;
  const recent = models.versions(champion.model).slice(-VERSIONS);
  const others = recent.filter(({ version }) => version !== champion.version);
  const verdicts = [champion, ...others]
    .flatMap((version) => models.gateVerdicts(version))
    .filter((verdict) => isOwn(verdict, champion) || verdict.champion?.version === champion.version)
    .sort((a, b) => b.judgedAt - a.judgedAt);
  const [newest] = verdicts;
  if (newest === undefined) return [];
  return newest.checks
    .filter((check) => (isOwn(newest, champion) ? check.verdict : check.championVerdict) === 'fail')
    .map((check) => check.name);
}

const isOwn = ({ candidate }: GateVerdict, { version }: ModelVersion): boolean => candidate.version === version;
