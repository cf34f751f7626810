import { type EvaluatedTemplate, PYTHON_SPLIT } from './evaluated.js';

export const SKLEARN: EvaluatedTemplate = {
  program: 'python3',
  ending: 'py',
  model: 'work/model.pkl',
  needs: 'scikit-learn: pip install scikit-learn, or apt install python3-sklearn',
  environment: '# python: .venv   # if scikit-learn is in a virtual environment; its packages then count in the cache',
  split: PYTHON_SPLIT,
  train: `"""train.py train model seed: replace it with your own training."""
import csv, json, pickle, sys
from sklearn.ensemble import GradientBoostingRegressor

train_path, model_path, seed = sys.argv[1:]
with open(train_path, newline="") as file:
    rows = list(csv.DictReader(file))
features = [[float(row["size"])] for row in rows]
prices = [float(row["price"]) for row in rows]
model = GradientBoostingRegressor(n_estimators=60, max_depth=2, random_state=int(seed)).fit(features, prices)

with open(model_path, "wb") as file:
    pickle.dump(model, file)
with open("work/train.json", "w") as file:
    json.dump({"rows": len(rows), "train_r2": model.score(features, prices)}, file)
print(f"trained on {len(rows)} rows")
`,
  evaluate: `"""evaluate.py model test out: scores one model on the test data."""
import csv, json, os, pickle, sys

model_path, test_path, out = sys.argv[1:]
with open(model_path, "rb") as file:
    model = pickle.load(file)
with open(test_path, newline="") as file:
    rows = list(csv.DictReader(file))
predictions = [float(p) for p in model.predict([[float(row["size"])] for row in rows])]
labels = [float(row["price"]) for row in rows]

with open(os.path.join(os.path.dirname(out), "predictions.csv"), "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["label", "prediction"])
    table.writerows(zip(labels, predictions))
mae = sum(abs(p - y) for p, y in zip(predictions, labels)) / len(rows)
with open(out, "w") as file:
    json.dump({"mae": mae, "predictions": "predictions.csv"}, file)
`,
};
