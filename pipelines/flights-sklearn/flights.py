"""Reads the flights as arrays for scikit-learn."""
import csv

import numpy as np

FACTORS = ["hour", "weekday", "origin", "destination"]


def read(path):
    """Factors (n, 4) as text, log distance (n, 1), late (n,), and ids."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    factors = np.array([[row[name] for name in FACTORS] for row in rows])
    log_distance = np.log([[max(1.0, float(row["distance"]))] for row in rows])
    late = np.array([int(row["late"]) for row in rows])
    return factors, log_distance, late, [row["id"] for row in rows]


def route_averages(factors, late, strength=20.0):
    """Share of late flights of each route, shrunk towards the overall share where flights are few."""
    rate = late.mean()
    seen = {}
    for (_, _, origin, destination), is_late in zip(factors, late):
        count, total = seen.get((origin, destination), (0, 0))
        seen[(origin, destination)] = (count + 1, total + is_late)
    return rate, {route: (total + strength * rate) / (count + strength) for route, (count, total) in seen.items()}
