import type { FeatureDrift } from '../../domain/data/drift.js';
import type { TableProfile } from '../../domain/data/profile.js';
import { distributionShape } from '../../drift/views/distribution-shape.js';
import { printable } from '../../render/parts/printable.js';
import { shorten } from '../../render/parts/width.js';
import type { DistributionFigure } from './figures/figure.js';

const CELLS = 36;

/** The drawing of a column, or `undefined` if a window has no values of it. */
export function distributionOf(
  feature: FeatureDrift,
  reference: TableProfile,
  current: TableProfile,
): DistributionFigure | undefined {
  const shape = distributionShape(feature.name, { reference, current }, CELLS);
  if (shape === undefined) return undefined;
  return {
    kind: 'distribution',
    name: `column-${feature.name}`,
    title: `Column ${shorten(printable(feature.name), 40)}`,
    description: `${feature.verdict}. ${feature.detail ?? 'Reference and current window, drawn over each other.'}`,
    column: feature.name,
    verdict: feature.verdict,
    sentence: feature.detail,
    shape,
  };
}
