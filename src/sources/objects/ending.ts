import type { RowsFormat } from '../../domain/pipeline/remote-source.js';

/** The ending of a name says the format, if the pipeline file does not. Without one the first bytes say it. */
export const endingOf = (name: string, format: RowsFormat | undefined): string =>
  format === undefined ? (/(\.[A-Za-z0-9]{1,8}){1,2}$/.exec(name)?.[0] ?? '') : `.${format}${compressionOf(name)}`;

const compressionOf = (name: string): string => /\.(gz|zst)$/i.exec(name)?.[0] ?? '';
