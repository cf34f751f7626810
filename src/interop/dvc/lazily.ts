import type { ImportPipeline } from '../../domain/ports/import-pipeline.js';

/** Loads the DVC importer on first use, because its YAML parser takes 60 ms to load. */
export const importDvcLazily: ImportPipeline = async (source) => (await import('./import-dvc.js')).importDvc(source);
