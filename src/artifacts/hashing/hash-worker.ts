import { type FileHash, hashFile } from './hash-file.js';

/** The function that the pool's threads run. */
const hashAll = (paths: readonly string[]): readonly FileHash[] => paths.map(hashFile);

// biome-ignore lint/style/noDefaultExport: the pool calls a module's default export
export default hashAll;
