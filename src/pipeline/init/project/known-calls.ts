/** What a call does with the path that it is given. */
export type Use = 'read' | 'write' | 'list';

export interface KnownCall {
  readonly use: Use;
  /** Positions at which the path may stand; the first that is a text counts. */
  readonly at: readonly number[];
  /** What is written: decides which output is the model. */
  readonly writes?: 'model' | 'table' | 'figure';
}

const calls = (names: string, call: KnownCall): readonly (readonly [string, KnownCall])[] =>
  names.split(/\s+/).map((name) => [name, call] as const);

/** By the last part of the name: `pd.read_csv` and `read_csv` are one. Names with a dot of R's own are whole. */
export const KNOWN_CALLS: ReadonlyMap<string, KnownCall> = new Map([
  ...calls(
    'read_csv read_parquet read_json read_ndjson read_table read_excel read_feather read_pickle read_orc read_stata read_sas read_fwf read_tsv read_delim read_rds scan_csv scan_parquet loadtxt genfromtxt load_model readRDS read.csv read.csv2 read.table read.delim fread readLines fromJSON load_svmlight_file ImageFolder',
    { use: 'read', at: [0] },
  ),
  ...calls('np.load numpy.load joblib.load torch.load torch.jit.load source', { use: 'read', at: [0] }),
  // Node
  ...calls('readFileSync readFile createReadStream', { use: 'read', at: [0] }),
  ...calls('writeFileSync writeFile createWriteStream', { use: 'write', at: [0] }),
  ...calls('readdirSync readdir', { use: 'list', at: [0] }),
  ...calls('glob iglob glob.glob listdir os.scandir list.files Sys.glob', { use: 'list', at: [0] }),
  ...calls('to_csv to_parquet to_json to_pickle to_feather to_excel write_ndjson savetxt np.save np.savez numpy.save', {
    use: 'write',
    at: [0],
    writes: 'table',
  }),
  ...calls('write.csv write.csv2 write.table write_csv write_tsv write_delim write_parquet write_feather fwrite', {
    use: 'write',
    at: [1, 0],
    writes: 'table',
  }),
  ...calls('write_json writeLines', { use: 'write', at: [1] }),
  ...calls('sink', { use: 'write', at: [0] }),
  ...calls('savefig ggsave png pdf svg jpeg', { use: 'write', at: [0], writes: 'figure' }),
  ...calls('joblib.dump torch.save saveRDS write_rds xgb.save lgb.save saveRDS.lgb.Booster torch.jit.save', {
    use: 'write',
    at: [1],
    writes: 'model',
  }),
  ...calls('save_model save_pretrained write_model', { use: 'write', at: [0], writes: 'model' }),
  ...calls('torch.onnx.export', { use: 'write', at: [2], writes: 'model' }),
]);

/** Methods of a path: the path stands before the dot. */
export const PATH_METHODS: Readonly<Record<string, Use>> = {
  read_text: 'read',
  read_bytes: 'read',
  write_text: 'write',
  write_bytes: 'write',
  iterdir: 'list',
};

export const OPENING = /^(open|gzip\.open|bz2\.open|lzma\.open|io\.open|codecs\.open|file|gzfile)$/;

/** Keywords that name the path, whatever the call. */
export const PATH_KEYWORDS = [
  'path',
  'file',
  'filename',
  'fname',
  'con',
  'path_or_buf',
  'filepath_or_buffer',
  'sink',
  'f',
];

/** What calls and imports say about a script that trains. */
export const TRAINS =
  /\.(fit|fit_transform|partial_fit|train_on_batch)\s*\(|\.backward\s*\(|\b(xgb|lgb|lightgbm|xgboost)\.train\s*\(|\b(lm|glm|gam|randomForest|ranger|xgboost|rpart|nls|loess|glmnet|svm)\s*\(/;
