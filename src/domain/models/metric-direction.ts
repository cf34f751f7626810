export type Direction = 'higher' | 'lower';

/** Exact names, as scikit-learn, Keras, PyTorch, XGBoost, LightGBM and MLflow write them; `-` is written as `_` here. */
const HIGHER = [
  'accuracy acc balanced_accuracy top_k_accuracy binary_accuracy categorical_accuracy sparse_categorical_accuracy',
  'auc auc_roc roc_auc rocauc auroc roc_auc_score roc_auc_ovr roc_auc_ovo roc_auc_ovr_weighted roc_auc_ovo_weighted',
  'auc_pr pr_auc prc aucpr average_precision average_precision_score map mean_average_precision gini',
  'f1 f1_score f1_micro f1_macro f1_weighted f1_samples fbeta f2 f0_5',
  'precision precision_score precision_micro precision_macro precision_weighted',
  'recall recall_score recall_micro recall_macro recall_weighted sensitivity specificity tpr tnr',
  'true_positive_rate true_negative_rate hit_rate mrr ndcg dcg',
  'r2 r2_score r_squared explained_variance explained_variance_score d2_score spearman pearson spearmanr pearsonr',
  'mcc matthews_corrcoef matthews_correlation kappa cohen_kappa cohen_kappa_score jaccard jaccard_score iou mean_iou dice',
  'bleu rouge rouge1 rouge2 rougel rouge_l meteor exact_match silhouette silhouette_score adjusted_rand_score',
  'log_likelihood throughput coverage',
].flatMap((line) => line.split(' '));

const LOWER = [
  'loss log_loss logloss mlogloss binary_logloss multi_logloss cross_entropy crossentropy binary_crossentropy',
  'categorical_crossentropy sparse_categorical_crossentropy cross_entropy_loss bce hinge hinge_loss huber huber_loss',
  'nll negative_log_likelihood nll_loss perplexity ppl deviance kl_divergence',
  'brier brier_score brier_loss brier_score_loss calibration_error expected_calibration_error ece max_calibration_error',
  'mae mean_absolute_error l1 median_absolute_error medae mse mean_squared_error l2 rmse root_mean_squared_error',
  'msle mean_squared_log_error rmsle root_mean_squared_log_error mape mean_absolute_percentage_error smape wape mase',
  'max_error error err merror error_rate misclassification_rate zero_one_loss hamming hamming_loss',
  'pinball pinball_loss mean_pinball_loss quantile_loss poisson_deviance gamma_deviance tweedie_deviance',
  'mean_poisson_deviance mean_gamma_deviance mean_tweedie_deviance',
  'fpr fnr false_positive_rate false_negative_rate fall_out wer cer word_error_rate character_error_rate fid',
  'davies_bouldin davies_bouldin_score latency',
].flatMap((line) => line.split(' '));

/** Names of metrics whose better direction is known, in lower case with `_`. */
export const KNOWN_DIRECTIONS: ReadonlyMap<string, Direction> = new Map([
  ...HIGHER.map((name) => [name, 'higher'] as const),
  ...LOWER.map((name) => [name, 'lower'] as const),
]);

/** Parts of the data in front of a metric's name: `val_loss`, `test-rmse`, `eval.auc`. */
const SPLIT = /^(train|training|val|valid|validation|test|testing|eval|evaluation|dev|holdout|cv|oof)_/;
const NEGATED = /^(neg|negative)_/;

/**
 * Which direction of a metric is better, by its exact name; `undefined` where the name is not known. Ignored around the
 * name: case, `-` for `_`, a path in front (`val/loss`), a split in front (`val_loss`), a cut or a window behind (`recall@10`,
 * `mae@7d`). `neg_` in front turns the direction round, as scikit-learn's scorers do.
 */
export function directionOf(metric: string): Direction | undefined {
  const last = metric.split(/[/:]/).at(-1) ?? metric;
  const name = (last.split('@')[0] ?? last)
    .trim()
    .toLowerCase()
    .replaceAll(/[-.\s]+/g, '_');
  return ofName(name);
}

function ofName(name: string): Direction | undefined {
  const known = KNOWN_DIRECTIONS.get(name);
  if (known !== undefined) return known;
  if (SPLIT.test(name)) return ofName(name.replace(SPLIT, ''));
  if (!NEGATED.test(name)) return undefined;
  const positive = ofName(name.replace(NEGATED, ''));
  return positive === undefined ? undefined : opposite(positive);
}

const opposite = (direction: Direction): Direction => (direction === 'higher' ? 'lower' : 'higher');
