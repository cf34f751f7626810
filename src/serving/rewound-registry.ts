import type { ServingFinding } from '../domain/models/serving.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { CHAMPION } from '../models/champion.js';

const REPAIR =
  'get the newer registry back: refit registry restore <file>, or refit pull <remote>; promote serves what this one knows';

/** Says that the file beside the registry knows of more ledger entries than the registry. */
export function rewoundLedger({ registry }: Pick<Services, 'registry'>): readonly ServingFinding[] {
  const rewound = registry.upkeep.rewound();
  if (rewound === undefined) return [];
  return [
    {
      code: 'registry-rewound',
      path: '.refit/registry.db',
      expected: `${rewound.seen} entries of the ledger`,
      found: `${rewound.here}: an older registry was put in place, by a checkout or a copy`,
      repair: REPAIR,
    },
  ];
}

/** Says that the published folder comes from a later move than the registry has. */
export async function rewoundServing(
  services: Pick<Services, 'registry' | 'files'>,
  { model }: Pick<Pipeline, 'model'>,
): Promise<readonly ServingFinding[]> {
  if (model?.publish === undefined) return [];
  const path = `${model.publish.path}/current.json`;
  const text = await services.files.readText(path);
  const published = text.ok ? generationIn(text.value, model.name) : undefined;
  const known = services.registry.models.lastGeneration(model.name, CHAMPION);
  if (published === undefined || published <= known) return [];
  return [
    {
      code: 'registry-rewound',
      path,
      expected: `at most move ${known}, the last one in the registry`,
      found: `move ${published}: the registry is older than what serves`,
      repair: REPAIR,
    },
  ];
}

/** The generation in a pointer of this model; `undefined` if the text is none. */
function generationIn(text: string, model: string): number | undefined {
  try {
    const pointer: unknown = JSON.parse(text);
    if (typeof pointer !== 'object' || pointer === null) return undefined;
    const { model: of, generation } = pointer as { readonly model?: unknown; readonly generation?: unknown };
    return of === model && typeof generation === 'number' ? generation : undefined;
  } catch {
    return undefined;
  }
}
