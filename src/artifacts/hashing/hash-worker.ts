import { type FileHash, hashFile } from './hash-file.js';

/** What a thread of the pool runs. */
const hashAll = (paths: readonly string[]): readonly FileHash[] => paths.map(hashFile);

// biome-ignore lint/style/noDefaultExport: the pool calls a module's default export
export default hashAll;
