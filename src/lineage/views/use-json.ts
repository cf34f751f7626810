import type { ArtifactUse } from '../../domain/runs/artifact.js';
import type { JsonObject } from '../../domain/support/json.js';

/** A file or folder that a step read or wrote, as documents show it. */
export const useJson = (use: ArtifactUse): JsonObject => ({
  path: use.path,
  hash: use.artifact.hash,
  size: use.artifact.size,
  rows: use.rows ?? null,
  dataset: use.dataset ?? null,
});
