import type { ImportPipeline } from '../../domain/exchange/imported.js';

/** YAML takes 60 ms to load: only the command that imports pays for it. */
export const importDvcLazily: ImportPipeline = async (source) => (await import('./import-dvc.js')).importDvc(source);
