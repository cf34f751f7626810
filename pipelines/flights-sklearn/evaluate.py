"""Scores a model on the test days; writes metrics and predictions."""
import csv
import json
import os
import pickle
import sys

import numpy as np
from scipy.sparse import hstack
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from flights import read

model_path, rows_path, out = sys.argv[1:]
with open(model_path, "rb") as file:
    made = pickle.load(file)
factors, log_distance, late, ids = read(rows_path)
features = hstack([made["encoder"].transform(factors), made["scaler"].transform(log_distance)]).tocsr()
scores = made["model"].predict_proba(features)[:, 1]
by_route = np.array([made["routes"].get((origin, destination), made["rate"]) for _, _, origin, destination in factors])
auc = roc_auc_score(late, scores)

with open(os.path.join(os.path.dirname(out), "predictions.csv"), "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["id", "label", "prediction"])
    writer.writerows(zip(ids, late, np.round(scores, 6)))
with open(out, "w") as file:
    json.dump(
        {
            "auc": auc,
            "log_loss": log_loss(late, scores),
            "brier": brier_score_loss(late, scores),
            "auc_over_route_average": auc - roc_auc_score(late, by_route),
            "rows": len(late),
            "predictions": "predictions.csv",
        },
        file,
    )
print(f"AUC {auc:.4f}, {auc - roc_auc_score(late, by_route):.4f} above the route averages")
