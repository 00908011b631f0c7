"""Writes torch.safetensors, the state_dict of a network like the one of
model_test.go with random weights, and prints the probabilities that PyTorch
2.15.0 computes with them in float64."""
import re

import torch
from safetensors.torch import save_file

doc = open("../../../docs/interop.md").read()
exec(re.search(r"```python\n(# squint_torch.py\n.*?)```", doc, re.S)[1])

net, meta = load("v1.safetensors")
torch.manual_seed(0)
with torch.no_grad():
    for p in net.parameters():
        p.normal_(0, 0.3)
    for name, b in net.named_buffers():
        b.copy_(torch.rand_like(b) + 0.5 if "running" in name else torch.tensor(7))
save_file(torch.nn.ModuleDict({"model": net}).state_dict(), "torch.safetensors")
n, s = 2, meta["prep"]["size"]
x = torch.tensor([i * 37 % 251 for i in range(n * s["h"] * s["w"] * s["c"])]).double()
x = x.reshape(n, s["h"], s["w"], s["c"]).permute(0, 3, 1, 2)
print(probabilities(net.double(), meta, x).flatten().tolist())
