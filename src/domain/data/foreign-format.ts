/** Formats that hold tables or models and that refit does not read. */
export type ForeignFormat =
  | 'excel'
  | 'old-excel'
  | 'opendocument'
  | 'arrow'
  | 'pickle'
  | 'hdf5'
  | 'spss'
  | 'stata'
  | 'sas'
  | 'r'
  | 'numpy'
  | 'orc'
  | 'avro'
  | 'sqlite'
  | 'archive'
  /** What Git leaves in the place of a large file that was not fetched. */
  | 'git-lfs';

const ENDINGS: readonly (readonly [RegExp, ForeignFormat])[] = [
  [/\.xls[xmb]$/i, 'excel'],
  [/\.xls$/i, 'old-excel'],
  [/\.ods$/i, 'opendocument'],
  [/\.(feather|arrow|ipc)$/i, 'arrow'],
  [/\.(pkl|pickle|joblib)$/i, 'pickle'],
  [/\.(h5|hdf5|hdf)$/i, 'hdf5'],
  [/\.z?sav$/i, 'spss'],
  [/\.dta$/i, 'stata'],
  [/\.(sas7bdat|xpt)$/i, 'sas'],
  [/\.(rds|rda|rdata)$/i, 'r'],
  [/\.np[yz]$/i, 'numpy'],
  [/\.orc$/i, 'orc'],
  [/\.avro$/i, 'avro'],
  [/\.(sqlite3?|db)$/i, 'sqlite'],
  [/\.(zip|tar|tgz|tar\.(gz|bz2|xz|zst)|7z|rar|bz2|xz)$/i, 'archive'],
];

/** The format that the ending of a name stands for, if refit knows it and does not read it. */
export const foreignEnding = (name: string): ForeignFormat | undefined =>
  ENDINGS.find(([ending]) => ending.test(name))?.[1];

const text = (word: string): readonly number[] => [...word].map((letter) => letter.charCodeAt(0));

const STARTS: readonly (readonly [readonly number[], ForeignFormat])[] = [
  [[0xd0, 0xcf, 0x11, 0xe0], 'old-excel'],
  [text('version https://git-lfs'), 'git-lfs'],
  [text('ARROW1'), 'arrow'],
  [[0x80, 0x02, 0x5d], 'pickle'],
  [[0x80, 0x03], 'pickle'],
  [[0x80, 0x04, 0x95], 'pickle'],
  [[0x80, 0x05, 0x95], 'pickle'],
  [[0x89, ...text('HDF')], 'hdf5'],
  [text('$FL2'), 'spss'],
  [text('<stata_dta>'), 'stata'],
  [[0x93, ...text('NUMPY')], 'numpy'],
  [text('Obj'), 'avro'],
  [text('SQLite format 3'), 'sqlite'],
  [[0x37, 0x7a, 0xbc, 0xaf], 'archive'],
  [[0xfd, ...text('7zXZ')], 'archive'],
];

/** The format that the first bytes of a file stand for, if refit knows it and does not read it. */
export const foreignStart = (head: Uint8Array): ForeignFormat | undefined =>
  STARTS.find(
    ([start, format]) => start.every((byte, i) => head[i] === byte) && (format !== 'avro' || head[3] === 1),
  )?.[1];

const TABLE = /\.(parquet|csv|tsv|json|jsonl|ndjson)(\.gz|\.zst)?$/i;

/** Whether a file in the folder of a dataset is one of its tables, by the ending of its name. */
export const isTable = (path: string): boolean => TABLE.test(path);
