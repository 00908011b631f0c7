"""Golden numbers for the optimizers, by PyTorch in float64.

usage: python3 make_golden.py > golden.json        (needs torch; written with 2.15.0)
"""
import json
import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(3)
start = torch.randn(6)
grads = torch.randn(5, 6)
out = {"torch": torch.__version__, "start": start.tolist(), "grads": grads.tolist(), "cases": []}
for name, make, cfg in [
    ("sgd", lambda p: torch.optim.SGD(p, lr=0.1), {"kind": "sgd"}),
    ("sgd with decay", lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.05), {"kind": "sgd", "decay": 0.05}),
    ("momentum", lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.05), {"kind": "sgd", "momentum": 0.9, "decay": 0.05}),
    ("nesterov", lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8, nesterov=True, weight_decay=0.05), {"kind": "sgd", "momentum": 0.8, "nesterov": True, "decay": 0.05}),
    ("adamw", lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.05), {"kind": "adamw", "decay": 0.05}),
]:
    w = start.clone().requires_grad_()
    opt = make([w])
    steps = []
    for g in grads:
        w.grad = g.clone()
        opt.step()
        steps.append(w.detach().tolist())
    out["cases"].append({"name": name, **cfg, "weights": steps})
print(json.dumps(out))
