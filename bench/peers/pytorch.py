"""Training and inference speed of PyTorch on the processor, for the networks of
pkg/train's and pkg/model's benchmarks, printed as Go benchmarks are.

usage: python3 pytorch.py [seconds for each measurement]
"""
import sys
import time
import torch
import torch.nn as nn
import torch.nn.functional as F

seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
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


nets = [
    ("lenet5", (1, 28, 28), 10, lambda: nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))),
    ("mlp-784-512-256-10", (1, 28, 28), 10, lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))),
    ("conv3x3-32-64", (1, 28, 28), 10, lambda: nn.Sequential(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64 * 49, 128), nn.ReLU(), nn.Linear(128, 10))),
    ("convnet-24-64px", (3, 64, 64), 1, lambda: convnet(24)),
    ("convnet-32-64px", (3, 64, 64), 1, lambda: convnet(32)),
]


def rate(f, images):
    for _ in range(3):
        f()
    n, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        f()
        n += 1
    return n * images / (time.perf_counter() - start)


for threads in (1, 2):
    torch.set_num_threads(threads)
    for name, shape, classes, make in nets:
        best = 0.0
        for layout in (torch.contiguous_format, torch.channels_last):  # whichever is faster
            torch.manual_seed(0)
            net = make().to(memory_format=layout)
            opt = torch.optim.SGD(net.parameters(), lr=1e-4, momentum=0.9, nesterov=True)
            x = torch.randn(128, *shape).contiguous(memory_format=layout)
            y = torch.randint(classes, (128,)) if classes > 1 else torch.rand(128, 1)

            def step():
                opt.zero_grad(set_to_none=True)
                z = net(x)
                loss = F.cross_entropy(z, y) if classes > 1 else F.binary_cross_entropy_with_logits(z, y)
                loss.backward()
                opt.step()
            best = max(best, rate(step, 128))
        print(f"BenchmarkStep/{name}/threads={threads} 1 {best:.1f} images/s", flush=True)
        if threads == 1:
            net.eval()
            with torch.no_grad():
                for b in (1, 32):
                    x = torch.randn(b, *shape)
                    print(f"BenchmarkProbs/{name}/batch={b} 1 {rate(lambda: net(x), b):.1f} images/s", flush=True)
