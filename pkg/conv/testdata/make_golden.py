"""Golden numbers for layers, networks and losses, by PyTorch in float64.

usage: python3 make_golden.py > golden.json        (needs torch; written with 2.15.0)

Each case is a network of ours (as its JSON), the same in torch, an input, the
weights, and what torch answers: outputs, the gradient of L = sum(r*y) by the
input and by every parameter. Pictures are written as N, H, W, C.
"""
import json
import torch
import torch.nn as nn

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)


class Residual(nn.Module):
    def __init__(self, body, skip=None):
        super().__init__()
        self.body, self.skip = body, skip or nn.Sequential()

    def forward(self, x):
        return self.body(x) + self.skip(x)


class AvgMax(nn.Module):
    def forward(self, x):
        return torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)


def flat(t):
    if t.dim() == 4:
        t = t.permute(0, 2, 3, 1)
    return [float(f"{v:.10g}") for v in t.detach().reshape(-1).tolist()]


def weights(t):  # parameters keep PyTorch's order
    return [float(f"{v:.10g}") for v in t.detach().reshape(-1).tolist()]


def conv(i, o, k, s=1, p=0, bias=True):
    spec = {"kind": "conv", "filters": o, "kernel": k}
    if s > 1: spec["stride"] = s
    if p: spec["pad"] = p
    if not bias: spec["no_bias"] = True
    return spec, nn.Conv2d(i, o, k, s, p, bias=bias)


def dense(i, o, bias=True):
    spec = {"kind": "dense", "units": o}
    if not bias: spec["no_bias"] = True
    return spec, nn.Linear(i, o, bias=bias)


def k(kind, **f): return {"kind": kind, **f}


def seq(*pairs): return [s for s, _ in pairs], nn.Sequential(*[m for _, m in pairs])


relu, flatten = (k("relu"), nn.ReLU()), (k("flatten"), nn.Flatten())
bspec, bnet = seq(conv(4, 5, 3, p=1, bias=False), (k("batchnorm"), nn.BatchNorm2d(5)), relu, conv(5, 6, 3, p=1))
sspec, snet = seq(conv(4, 6, 1, bias=False))
ispec, inet = seq(conv(4, 4, 3, p=1), (k("tanh"), nn.Tanh()))

cases = [
    ("dense", (1, 1, 5), seq(dense(5, 3))),
    ("deep mlp", (1, 1, 9), seq(dense(9, 20), relu, dense(20, 18), (k("tanh"), nn.Tanh()), dense(18, 2, bias=False))),
    ("activations", (1, 1, 6), seq(dense(6, 5), (k("sigmoid"), nn.Sigmoid()), dense(5, 4), (k("softplus"), nn.Softplus()), dense(4, 4), (k("identity"), nn.Identity()))),
    ("softmax output", (1, 1, 4), seq(dense(4, 3), (k("softmax"), nn.Softmax(1)))),
    ("colour flatten", (3, 2, 3), seq(flatten, dense(18, 4))),
    ("conv 5x5 pad 2, one channel", (7, 6, 1), seq(conv(1, 6, 5, p=2), flatten, dense(7 * 6 * 6, 2))),
    ("conv chain with borders", (6, 6, 3), seq(conv(3, 4, 3, p=1), relu, conv(4, 18, 3, p=1), relu, conv(18, 2, 3), flatten, dense(32, 3))),
    ("strides", (9, 8, 2), seq(conv(2, 3, 4, s=2, p=1), relu, conv(3, 4, 3, s=2, p=1), flatten, dense(16, 2))),
    ("pools", (9, 9, 2), seq(conv(2, 4, 3, p=1), (k("maxpool", size=2), nn.MaxPool2d(2)), (k("avgpool", size=2, stride=1), nn.AvgPool2d(2, 1)), (k("maxpool", size=3, stride=2), nn.MaxPool2d(3, 2)), flatten, dense(4, 2))),
    ("batch norm", (4, 5, 3), seq(conv(3, 4, 3, bias=False), (k("batchnorm"), nn.BatchNorm2d(4)), relu, (k("globalpool", mode="avgmax"), AvgMax()), dense(8, 2))),
    ("residual", (5, 4, 4), seq((k("residual", body=bspec, skip=sspec), Residual(bnet, snet)), relu, (k("residual", body=[k("conv", filters=6, kernel=3, pad=1), k("tanh")]), Residual(nn.Sequential(nn.Conv2d(6, 6, 3, 1, 1), nn.Tanh()))), flatten, dense(120, 2))),
    ("lenet-5", (28, 28, 1), seq(conv(1, 6, 5, p=2), relu, (k("maxpool", size=2), nn.MaxPool2d(2)), conv(6, 16, 5), relu, (k("maxpool", size=2), nn.MaxPool2d(2)), flatten, dense(400, 120), relu, dense(120, 84), relu, dense(84, 10))),
]
out = {"torch": torch.__version__, "networks": [], "losses": []}
for name, (h, w, c), (specs, net) in cases:
    n = 2 if name == "lenet-5" else 3
    net.train()
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            nn.init.normal_(m.weight), nn.init.normal_(m.bias)
    before = {p: weights(v) for p, v in net.state_dict().items() if "num_batches" not in p}
    x = torch.randn(n, c, h, w) if h > 1 else torch.randn(n, c)
    x = x.float().double().requires_grad_()
    y = net(x)
    r = torch.randn_like(y)
    (y * r).sum().backward()
    case = {"name": name, "in": {"h": h, "w": w, "c": c}, "n": n, "specs": specs, "params": before, "x": flat(x), "y": flat(y), "r": flat(r)}
    if name == "lenet-5":  # sums are enough for the large one
        case["grad_sums"] = {p: float(v.grad.sum()) for p, v in net.named_parameters()}
        case["params"] = {}
        case["params_sin"] = True
        with torch.no_grad():  # weight j of parameter i is 0.1*sin(1000*i+j)
            for i, p in enumerate(net.parameters()):
                p.copy_((0.1 * torch.sin(1000.0 * i + torch.arange(p.numel()))).reshape(p.shape)); p.grad = None
        x = torch.sin(torch.arange(n * 784.0)).reshape(n, 1, 28, 28).requires_grad_()
        y = net(x); (y * r).sum().backward()
        case.update(x=[], x_sin=True, y=flat(y), grad_sums={p: float(v.grad.abs().sum()) for p, v in net.named_parameters()})
    else:
        case["dx"] = flat(x.grad)
        case["grads"] = {p: weights(v.grad) for p, v in net.named_parameters()}
        case["after"] = {p: weights(v) for p, v in net.state_dict().items() if "running" in p}
        net.eval()
        case["eval_y"] = flat(net(x))
    out["networks"].append(case)

z = torch.randn(4, 3) * 3
labels = torch.tensor([0, 2, 1, 2])
onehot = nn.functional.one_hot(labels, 3).double()
smooth = onehot * 0.9 + 0.1 / 3
for name, f, t in [
    ("squared-error", lambda z, t: 0.5 * nn.functional.mse_loss(z, t, reduction="sum"), onehot),
    ("binary-cross-entropy", lambda z, t: nn.functional.binary_cross_entropy_with_logits(z, t, reduction="sum"), onehot),
    ("cross-entropy", lambda z, t: nn.functional.cross_entropy(z, t, reduction="sum"), onehot),
    ("cross-entropy", lambda z, t: nn.functional.cross_entropy(z, labels, reduction="sum", label_smoothing=0.1), smooth),
]:
    zz = z.clone().requires_grad_()
    loss = f(zz, t); loss.backward()
    out["losses"].append({"name": name, "z": flat(z), "t": flat(t), "loss": float(loss), "dz": flat(zz.grad)})
print(json.dumps(out, indent=None, separators=(",", ":")))
