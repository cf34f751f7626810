import type { EarnedVersion } from '../domain/data/performance.js';
import type { Evaluation, ModelVersion } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { When } from '../domain/when.js';
import { CHAMPION, championOf } from './champion.js';
import { parentsOf, scratchTwin } from './parents.js';

export interface Contestant {
  readonly name: EarnedVersion['name'];
  readonly version: ModelVersion;
}

/**
 * The champion, the version that it replaced, the first version that ever served (the model without any retraining), and for a model
 * that was trained on from another the one that was trained from zero on the same data.
 */
export function contestants(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when?: When,
): readonly Contestant[] {
  const { models } = services.registry;
  const champion = championOf(services, pipeline, when);
  if (champion === undefined) return [];
  const moves = models.moves(champion.model).filter((move) => move.alias === CHAMPION);
  const came = moves.findLast((move) => move.to === champion.version);
  const get = (version: number | undefined): ModelVersion | undefined =>
    version === undefined ? undefined : models.get({ model: champion.model, version });
  const [previous, first] = [get(came?.from), get(moves[0]?.to)];
  const found: Contestant[] = [{ name: 'champion', version: champion }];
  if (previous !== undefined && previous.version !== champion.version && previous.version !== first?.version)
    found.push({ name: 'previous', version: previous });
  if (first !== undefined && first.version !== champion.version) found.push({ name: 'first', version: first });
  const scratch = parentsOf(services, champion).length === 0 ? undefined : scratchTwin(services, champion);
  if (scratch !== undefined && found.every(({ version }) => version.version !== scratch.version))
    found.push({ name: 'scratch', version: scratch });
  return found;
}

/**
 * The metrics of these versions on the newest test data of the champion. Versions without an evaluation on it are left
 * out. Only reads.
 */
export function earnedOf(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when?: When,
): readonly EarnedVersion[] {
  const { models } = services.registry;
  const all = contestants(services, pipeline, when);
  const data = all[0] === undefined ? undefined : models.evaluations(all[0].version)[0]?.dataHash;
  return all.flatMap(({ name, version }): readonly EarnedVersion[] => {
    const scored = models.evaluations(version).find((one: Evaluation) => one.dataHash === data);
    const { model, version: number } = version;
    return scored === undefined ? [] : [{ name, model, version: number, metrics: scored.metrics }];
  });
}
