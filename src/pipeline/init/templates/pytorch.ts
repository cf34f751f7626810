import { type EvaluatedTemplate, PYTHON_SPLIT } from './evaluated.js';

export const PYTORCH: EvaluatedTemplate = {
  program: 'python3',
  ending: 'py',
  model: 'work/model.pt',
  needs: 'PyTorch: pip install torch, or apt install python3-torch',
  environment: '# python: .venv   # if PyTorch is in a virtual environment; its packages then count in the cache',
  split: PYTHON_SPLIT,
  train: `"""train.py train model seed: replace it with your own training."""
import csv, json, os, sys
import torch

train_path, model_path, seed = sys.argv[1:]
torch.manual_seed(int(seed))
torch.use_deterministic_algorithms(True)  # the same inputs give the same bytes
with open(train_path, newline="") as file:
    rows = list(csv.DictReader(file))
sizes = torch.tensor([[float(row["size"])] for row in rows])
prices = torch.tensor([[float(row["price"])] for row in rows])


class Price(torch.nn.Module):
    """Scales the size itself, so that a model is one file that needs nothing else."""

    def __init__(self, mean: float, spread: float, level: float):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("spread", torch.tensor(spread))
        self.register_buffer("level", torch.tensor(level))
        self.layer = torch.nn.Linear(1, 1)

    def forward(self, size):
        return self.layer((size - self.mean) / self.spread) * self.level


model = Price(sizes.mean().item(), sizes.std().item(), prices.mean().item())
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
with open(os.environ.get("REFIT_METRICS", os.devnull), "a") as metrics:
    for epoch in range(300):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(sizes), prices)
        loss.backward()
        optimizer.step()
        if epoch % 20 == 0:
            metrics.write(json.dumps({"step": epoch, "loss": loss.item()}) + "\\n")

torch.jit.script(model).save(model_path)
with open("work/train.json", "w") as file:
    json.dump({"rows": len(rows), "train_mse": loss.item()}, file)
print(f"trained on {len(rows)} rows, loss {loss.item():.1f}")
`,
  evaluate: `"""evaluate.py model test out: scores one model on the test data."""
import csv, json, os, sys
import torch

model_path, test_path, out = sys.argv[1:]
model = torch.jit.load(model_path).eval()
with open(test_path, newline="") as file:
    rows = list(csv.DictReader(file))
labels = [float(row["price"]) for row in rows]
with torch.no_grad():
    predictions = model(torch.tensor([[float(row["size"])] for row in rows])).squeeze(-1).tolist()

with open(os.path.join(os.path.dirname(out), "predictions.csv"), "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["label", "prediction"])
    table.writerows(zip(labels, predictions))
mae = sum(abs(p - y) for p, y in zip(predictions, labels)) / len(rows)
with open(out, "w") as file:
    json.dump({"mae": mae, "predictions": "predictions.csv"}, file)
`,
};
