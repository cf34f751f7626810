import type { When } from '../data/windows/window.js';
import type { EarnedVersion } from '../domain/data/performance.js';
import type { Evaluation, ModelVersion } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { resolveUsedDatasets } from '../execute/plan-pipeline.js';
import { evaluateVersion, hashEvaluationData } from '../gate/evaluate-version.js';
import { CHAMPION, championOf } from '../models/reference.js';

interface Contestant {
  readonly name: EarnedVersion['name'];
  readonly version: ModelVersion;
}

/** The champion, what it took the place of, and the first version that ever served, which nobody has trained since. */
function contestants(services: Pick<Services, 'registry'>, pipeline: Pipeline, when?: When): readonly Contestant[] {
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
  return found;
}

/** Each on the newest test data that the champion was scored on, those that were scored on it. Reads, and scores nothing. */
export function earnedOf(
  services: Pick<Services, 'registry'>,
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

/**
 * Scores those that were not yet scored on the test data that lies in the workspace, so that what retraining has earned can
 * be told. Nothing hangs on it: a version that today's code cannot score is left out.
 */
export async function scoreEarned(services: Services, pipeline: Pipeline, when: When): Promise<void> {
  const spec = pipeline.model?.evaluate;
  const all = contestants(services, pipeline, when);
  if (spec === undefined || all.length < 2) return;
  const datasets = await resolveUsedDatasets(services, pipeline, [], when);
  if (!datasets.ok) return;
  const data = await hashEvaluationData(services, { spec, datasets: datasets.value });
  const known = all[0] === undefined ? undefined : services.registry.models.evaluations(all[0].version)[0];
  // only where the champion itself was just scored: its run says what the data is
  if (!data.ok || known === undefined || known.dataHash !== data.value) return;
  const missing = all.filter(
    ({ version }) => !services.registry.models.evaluations(version).some((one) => one.dataHash === data.value),
  );
  const context = { pipeline, spec, run: known.run, now: when.now, datasets: datasets.value };
  await Promise.all(missing.map(({ version }) => evaluateVersion(services, version, context)));
}
