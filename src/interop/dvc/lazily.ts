import type { ImportPipeline } from '../../domain/ports/import-pipeline.js';

/** YAML takes 60 ms to load: only the command that imports pays for it. */
export const importDvcLazily: ImportPipeline = async (source) => (await import('./import-dvc.js')).importDvc(source);
