"""Computes the probabilities in model_test.go from the v1*.safetensors with
PyTorch 2.15.0 in float64, reading the files with safetensors 0.8.0."""
import glob
import json

import torch
from safetensors import safe_open
from torch.nn import functional as F


def logits(x, w, prep):
    x = (x / 255 - torch.tensor(prep["mean"])) / torch.tensor(prep["std"])
    x = x.permute(0, 3, 1, 2)
    x = F.max_pool2d(F.conv2d(x, w["0.weight"], padding=1), 2)
    x = F.batch_norm(x, w["2.running_mean"], w["2.running_var"], w["2.weight"], w["2.bias"])
    x = F.relu(x)
    x = F.relu(x + F.conv2d(x, w["4.body.0.weight"], w["4.body.0.bias"], padding=1))
    return F.linear(x.flatten(1), w["7.weight"], w["7.bias"])


for path in sorted(glob.glob("v1*.safetensors")):
    with safe_open(path, "pt") as f:
        meta = f.metadata()
        w = {k: f.get_tensor(k).double() for k in f.keys()}
    prep = json.loads(meta["prep"])
    n, s = 2, prep["size"]
    x = torch.tensor([i * 37 % 251 for i in range(n * s["h"] * s["w"] * s["c"])]).double()
    x = x.reshape(n, s["h"], s["w"], s["c"])
    z = logits(x, w, prep)
    if prep.get("views") == "mirror":
        z = (z + logits(x.flip(2), w, prep)) / 2
    if "trust" in meta:
        c = {k: torch.tensor(v) for k, v in json.loads(meta["trust"])["calibration"].items()}
        z = c["scale"] * z + c["curve"] * z * z.abs() + c["bias"]
    print(path, F.softmax(z, 1).flatten().tolist())
