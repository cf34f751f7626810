import type { Failure } from '../domain/failure.js';
import type { ModelName } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import { CHAMPION } from './champion.js';
import { modelNames } from './model-names.js';
import { modelsView } from './views/models-view.js';

/** All versions of a model, or of all models. */
export function listModels(services: Pick<Services, 'registry'>, name: string | undefined): Result<View, Failure> {
  const { models } = services.registry;
  const names = modelNames(services, name);
  if (!names.ok) return names;
  const listed = names.value.flatMap((model: ModelName) => {
    const champion = models.alias(model, CHAMPION)?.to;
    const found = models.versions(model).map((version) => {
      const gate = models.gateVerdicts(version)[0];
      // The scores that the verdict beside them is about.
      const judged = gate?.candidateEvaluation === undefined ? undefined : models.evaluation(gate.candidateEvaluation);
      const evaluation = judged ?? models.evaluations(version).at(-1);
      return {
        version,
        isChampion: version.version === champion,
        gate,
        evaluation,
      };
    });
    const scored = found.filter((one) => one.evaluation !== undefined);
    const measure = scored.find((one) => one.isChampion) ?? scored.at(-1);
    return found.map((one) => ({ ...one, comparedWith: measure?.evaluation }));
  });
  return ok(
    modelsView(
      listed,
      names.value.flatMap((model) => models.moves(model)),
      names.value.flatMap((model) => models.notes(model)),
    ),
  );
}
