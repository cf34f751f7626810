/** `refit_helper.py`, printed by `refit helper`. Python 3.8 and newer, standard library only. */
export const PYTHON_HELPER = String.raw`"""refit_helper.py: what a script and refit tell each other. Copy it into your project; it needs no packages.

Outside refit everything still works: params come from your defaults, metrics are printed.
Printed by: refit helper --print python > refit_helper.py
"""
import csv
import json
import os
import tempfile
from datetime import datetime, timezone
from typing import Any, Dict, Iterable, Mapping, NamedTuple, Optional, Union

__all__ = ["Champion", "champion", "log_metric", "log_prediction", "param", "params", "write_evaluation"]


def params(defaults: Optional[Mapping[str, Any]] = None) -> Dict[str, Any]:
    """The params that the step declares, laid over your defaults. Outside refit: the defaults alone."""
    found: Dict[str, Any] = dict(defaults or {})
    path = os.environ.get("REFIT_PARAMS")
    if path:
        with open(path, encoding="utf-8") as file:
            found.update(json.load(file))
    return found


def param(name: str, default: Any = None) -> Any:
    """One param of the step. In refit, list its name under "params" of the step, so that a change runs it again."""
    return params({name: default})[name]


def log_metric(name: str, value: float, step: Optional[int] = None) -> None:
    """Records a metric of the run; with a step (an epoch, a batch) as a point of a curve. Outside refit it is printed."""
    line: Dict[str, Any] = {name: _plain(value)}
    if step is not None:
        line = {"step": int(step), **line}
    path = os.environ.get("REFIT_METRICS")
    if path:
        _append(path, line)
    else:
        print(json.dumps(line))


def log_prediction(
    path: str,
    prediction: Any,
    *,
    id: Union[str, int],
    version: Optional[int] = None,
    at: Optional[Union[str, datetime]] = None,
    **columns: Any,
) -> None:
    """Appends one line to a log of predictions (JSON lines), as "monitor.predictions" reads it.

    Each line is written by a single call in append mode, so several processes of one machine may share a file.
    "at" is the time of the event, by default now; further columns, such as a segment, may follow.
    """
    if at is None or isinstance(at, datetime):
        moment = at or datetime.now(timezone.utc)
        if moment.tzinfo is None:
            raise ValueError("at has no time zone: use datetime.now(timezone.utc)")
        at = moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"at": at, "id": _plain(id), "prediction": _plain(prediction)}
    if version is not None:
        line["version"] = int(version)
    clash = set(line) & set(columns)
    if clash:
        raise ValueError("columns that the log has already: " + ", ".join(sorted(clash)))
    line.update({name: _plain(value) for name, value in columns.items()})
    folder = os.path.dirname(path)
    if folder:
        os.makedirs(folder, exist_ok=True)
    _append(path, line)


def write_evaluation(
    path: str,
    metrics: Mapping[str, float],
    *,
    slices: Optional[Mapping[str, Mapping[str, Mapping[str, float]]]] = None,
    predictions: Optional[Iterable[Mapping[str, Any]]] = None,
) -> None:
    """Writes what the gate judges, to the path that "evaluate" was given.

    slices: {"region": {"north": {"auc": 0.7, "n": 900}}}. predictions: rows with "label" and "prediction", and
    perhaps "id" and slices; they go into predictions.csv beside the file.
    """
    document: Dict[str, Any] = {name: _plain(value) for name, value in metrics.items()}
    if slices is not None:
        document["slices"] = _plain(slices)
    folder = os.path.dirname(os.path.abspath(path))
    os.makedirs(folder, exist_ok=True)
    if predictions is not None:
        rows = [{name: _plain(value) for name, value in row.items()} for row in predictions]
        missing = [name for name in ("label", "prediction") if any(name not in row for row in rows)]
        if missing or not rows:
            raise ValueError("predictions need rows with label and prediction")
        with open(os.path.join(folder, "predictions.csv"), "w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
        document["predictions"] = "predictions.csv"
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".evaluation-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(document, file)
    os.replace(temporary, path)


class Champion(NamedTuple):
    """The version that serves: its file or folder, its name and its number."""

    path: str
    model: str
    version: int


def champion(folder: str) -> Champion:
    """The serving version in the folder that "model.publish.path" names. Path and version always belong together."""
    link = os.path.join(folder, "current")
    if not os.path.isdir(link):
        raise FileNotFoundError("no version serves in " + folder + ": run refit promote first")
    current = os.path.realpath(link)
    with open(os.path.join(current, "refit.json"), encoding="utf-8") as file:
        about = json.load(file)
    names = [name for name in sorted(os.listdir(current)) if name != "refit.json" and not name.startswith(".")]
    path = os.path.join(current, names[0]) if len(names) == 1 else current
    return Champion(path, about["model"], int(about["version"]))


def _plain(value: Any) -> Any:
    """Numbers of numpy and tensors of one number become numbers of Python."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return value.item() if hasattr(value, "item") else value


def _append(path: str, line: Mapping[str, Any]) -> None:
    """One write in append mode: the system puts it behind what other processes have written."""
    data = (json.dumps(line, allow_nan=False) + "\n").encode("utf-8")
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        if os.write(handle, data) != len(data):
            raise OSError("the disk took only a part of a line of " + path)
    finally:
        os.close(handle)
`;
