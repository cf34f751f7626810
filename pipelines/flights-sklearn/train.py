"""Fits a logistic regression; pickles the model with its encoders and the averages per route."""
import json
import os
import pickle
import sys

from scipy.sparse import hstack
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from flights import read, route_averages

rows_path, model_path = sys.argv[1:]
with open(os.environ["REFIT_PARAMS"]) as file:
    params = json.load(file)

factors, log_distance, late, _ = read(rows_path)
encoder = OneHotEncoder(handle_unknown="ignore").fit(factors)
scaler = StandardScaler().fit(log_distance)
features = hstack([encoder.transform(factors), scaler.transform(log_distance)]).tocsr()
model = LogisticRegression(C=params["strength"], max_iter=200, tol=1e-3).fit(features, late)
rate, routes = route_averages(factors, late)

with open(model_path, "wb") as file:
    pickle.dump({"encoder": encoder, "scaler": scaler, "model": model, "rate": rate, "routes": routes}, file)
with open(os.environ["REFIT_METRICS"], "a") as file:
    file.write(json.dumps({"rows": len(late), "iterations": int(model.n_iter_[0])}) + "\n")
print(f"{len(late)} flights, {features.shape[1]} features, {model.n_iter_[0]} iterations")
