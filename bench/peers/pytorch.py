"""Training and inference speed of PyTorch on the processor, for the networks of
pkg/train's and pkg/model's benchmarks. Reads orders from standard input, one a
line, and answers each as Go benchmarks are printed:

    step NET THREADS contiguous|channels_last SECONDS
    probs NET BATCH SECONDS
"""
import sys
import time
import torch
import torch.nn as nn
import torch.nn.functional as F

print("# torch", torch.__version__, flush=True)


class Residual(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.body = nn.Sequential(conv(c, c), nn.BatchNorm2d(c), nn.ReLU(), conv(c, c), nn.BatchNorm2d(c))

    def forward(self, x):
        return self.body(x) + x


class AvgMax(nn.Module):
    def forward(self, x):
        return torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)


def conv(i, o): return nn.Conv2d(i, o, 3, padding=1, bias=False)


def convnet(w):
    layers = [nn.Conv2d(3, 24, 4, 2, 1, bias=False), nn.BatchNorm2d(24), nn.ReLU()]
    c = 24
    for g in range(4):
        o = w << g
        layers += [conv(c, o), nn.MaxPool2d(2), nn.BatchNorm2d(o), nn.ReLU(), Residual(o), nn.ReLU()]
        c = o
    return nn.Sequential(*layers, AvgMax(), nn.Linear(2 * c, 1))


nets = {
    "lenet5": ((1, 28, 28), 10, lambda: nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))),
    "mlp-784-512-256-10": ((1, 28, 28), 10, lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))),
    "conv3x3-32-64": ((1, 28, 28), 10, lambda: nn.Sequential(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64 * 49, 128), nn.ReLU(), nn.Linear(128, 10))),
    "convnet-24-64px": ((3, 64, 64), 1, lambda: convnet(24)),
    "convnet-32-64px": ((3, 64, 64), 1, lambda: convnet(32)),
}


layouts = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def rate(f, images, seconds):
    f()  # the first time is slower
    n, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds / 2:
        f()
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        f()
        n += 1
    return n * images / (time.perf_counter() - start)


def step(name, threads, layout, seconds):
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    shape, classes, make = nets[name]
    net = make().to(memory_format=layouts[layout])
    opt = torch.optim.SGD(net.parameters(), lr=1e-4, momentum=0.9, nesterov=True)
    x = torch.randn(128, *shape).contiguous(memory_format=layouts[layout])
    y = torch.randint(classes, (128,)) if classes > 1 else torch.rand(128, 1)

    def step():
        opt.zero_grad(set_to_none=True)
        z = net(x)
        loss = F.cross_entropy(z, y) if classes > 1 else F.binary_cross_entropy_with_logits(z, y)
        loss.backward()
        opt.step()
    return f"Step/{name}/threads={threads}/{layout}", rate(step, 128, float(seconds))


def probs(name, batch, seconds):
    torch.set_num_threads(1)
    shape, _, make = nets[name]
    net = make().eval()
    x = torch.randn(int(batch), *shape)
    with torch.inference_mode():
        return f"Probs/{name}/batch={batch}", rate(lambda: net(x), int(batch), float(seconds))


for line in sys.stdin:
    kind, *args = line.split()
    name, images = {"step": step, "probs": probs}[kind](*args)
    print(f"Benchmark{name} 1 {images:.1f} images/s", flush=True)
