import type { ForeignFormat } from '../../../domain/data/foreign-format.js';
import type { FailureText } from './failure-words.js';

const pandas = (path: string, read: string): string =>
  `python3 -c 'import pandas; ${read}.to_csv("${csvName(path)}", index=False)'`;

/** The name of the table beside the file: `sales.xlsx` becomes `sales.csv`. */
const csvName = (path: string): string => `${path.replace(/\.[a-z0-9]+$/i, '')}.csv`;

const whole =
  (reader: string) =>
  (path: string): string =>
    pandas(path, `pandas.${reader}("${path}")`);

const FORMATS: Readonly<
  Record<Exclude<ForeignFormat, 'git-lfs'>, { readonly is: string; readonly convert: (path: string) => string }>
> = {
  excel: { is: 'an Excel workbook', convert: whole('read_excel') },
  'old-excel': { is: 'an old Excel workbook', convert: whole('read_excel') },
  opendocument: {
    is: 'an OpenDocument spreadsheet',
    convert: (path) => pandas(path, `pandas.read_excel("${path}", engine="odf")`),
  },
  arrow: {
    is: 'an Arrow (Feather) file',
    convert: (path) =>
      `python3 -c 'import pandas; pandas.read_feather("${path}").to_parquet("${csvName(path).replace(/csv$/, 'parquet')}")'`,
  },
  pickle: {
    is: 'a Python pickle, and opening one runs the code in it',
    convert: (path) => `only if you trust it: ${pandas(path, `pandas.read_pickle("${path}")`)}`,
  },
  hdf5: { is: 'an HDF5 file', convert: whole('read_hdf') },
  spss: { is: 'an SPSS file', convert: whole('read_spss') },
  stata: { is: 'a Stata file', convert: whole('read_stata') },
  sas: { is: 'a SAS file', convert: whole('read_sas') },
  r: {
    is: 'a file of R objects',
    convert: (path) => `Rscript -e 'write.csv(readRDS("${path}"), "${csvName(path)}", row.names = FALSE)'`,
  },
  numpy: {
    is: 'a NumPy array without column names',
    convert: (path) => pandas(path, `import numpy; pandas.DataFrame(numpy.load("${path}"))`),
  },
  orc: { is: 'an ORC file', convert: whole('read_orc') },
  avro: {
    is: 'an Avro file',
    convert: (path) => pandas(path, `import fastavro; pandas.DataFrame(fastavro.reader(open("${path}", "rb")))`),
  },
  sqlite: {
    is: 'an SQLite database',
    convert: (path) => `sqlite3 -header -csv ${path} "SELECT * FROM a_table" > ${csvName(path)}`,
  },
  archive: {
    is: 'an archive',
    convert: (path) =>
      /\.zip$/i.test(path)
        ? `unzip ${path}; name the table in it`
        : /\.(bz2|xz)$/i.test(path) && !/\.tar\./i.test(path)
          ? `${/bz2$/i.test(path) ? 'bunzip2' : 'unxz'} -k ${path}`
          : `tar -xf ${path}; name the table in it`,
  },
};

/** Says what a file of another format is, and the line that makes a table of it that refit reads. */
export function foreignTable(format: ForeignFormat, path: string): FailureText {
  if (format === 'git-lfs')
    return {
      what: `${path} is a pointer of Git LFS: the data itself was not fetched`,
      next: 'fetch it: git lfs pull',
    };
  const { is, convert } = FORMATS[format];
  return {
    what: `${path} is ${is}; refit reads CSV, TSV, Parquet and JSON, also with .gz or .zst`,
    next: `${format === 'archive' ? 'unpack' : 'convert'} it: ${convert(inShell(path))}`,
  };
}

/** A name that a shell would not read as one word has no place in a line to copy. */
const inShell = (path: string): string =>
  /^[\w./][\w./-]*$/.test(path) ? path : `FILE${/\.[a-z0-9]+$/i.exec(path)?.[0] ?? ''}`;
