import type { EvaluatedTemplate } from './evaluated.js';

/** Base R alone: JSON of two numbers needs no package. */
export const R: EvaluatedTemplate = {
  program: 'Rscript',
  ending: 'R',
  model: 'work/model.rds',
  needs: 'R: apt install r-base-core, or conda install r-base',
  environment:
    '# conda: r-project   # if R is in a conda environment; with renv, add renv.lock to the inputs of each step',
  split: `# split.R train test file...: every fourth row is for the test.
args <- commandArgs(trailingOnly = TRUE)
rows <- do.call(rbind, lapply(args[-(1:2)], read.csv))
is_test <- seq_len(nrow(rows)) %% 4 == 1
write.csv(rows[!is_test, ], args[1], row.names = FALSE)
write.csv(rows[is_test, ], args[2], row.names = FALSE)
cat(sum(!is_test), "rows to train on,", sum(is_test), "to test on\\n")
`,
  train: `# train.R train model seed: replace it with your own training.
args <- commandArgs(trailingOnly = TRUE)
set.seed(as.integer(args[3]))
rows <- read.csv(args[1])
model <- lm(price ~ size, data = rows)
saveRDS(model, args[2])
cat(sprintf('{"rows": %d, "train_r2": %.6f}\\n', nrow(rows), summary(model)$r.squared), file = "work/train.json")
cat("trained on", nrow(rows), "rows\\n")
`,
  evaluate: `# evaluate.R model test out: scores one model on the test data.
args <- commandArgs(trailingOnly = TRUE)
model <- readRDS(args[1])
rows <- read.csv(args[2])
predictions <- predict(model, rows)
write.csv(
  data.frame(label = rows$price, prediction = predictions),
  file.path(dirname(args[3]), "predictions.csv"),
  row.names = FALSE
)
mae <- mean(abs(predictions - rows$price))
cat(sprintf('{"mae": %.6f, "predictions": "predictions.csv"}\\n', mae), file = args[3])
`,
};
