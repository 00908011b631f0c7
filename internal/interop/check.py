"""Compares ONNX Runtime's and PyTorch's answers with squint's and prints one
row of a table for each folder that interop (main.go) wrote. Exits with 1 where
a probability differs by more than 1e-5.

    check.py [DIR …]         squint's models elsewhere
    check.py --back [DIR …]  PyTorch's weights in squint

PyTorch runs the program in docs/interop.md. The first call changes the weights
there a little and leaves them, with PyTorch's answers, for the second, before
which check.sh imports them into DIR/back.
"""
import json
import pathlib
import re
import sys

import numpy as np
import onnx
import onnxruntime
import torch
from safetensors.torch import save_file

TOLERANCE = 1e-5
doc = pathlib.Path(__file__).parents[2] / "docs" / "interop.md"
example = re.search(r"```python\n(# squint_torch.py\n.*?)```", doc.read_text(), re.S)[1]
pytorch = {}
exec(compile(example, doc, "exec"), pytorch)


def check_onnx(path, about, pixels):
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    meta = session.get_modelmeta().custom_metadata_map
    assert json.loads(meta["classes"]) == about["classes"], meta
    answers = []
    for part in np.split(pixels, [1, 8]):  # batches of 1, 7 and all others: the axis is free
        answers.append(session.run(["probabilities"], {"pixels": part})[0])
    return np.concatenate(answers)


def check_torch(folder, pixels):
    net, meta = pytorch["load"](folder / "model.safetensors")
    pixels = torch.from_numpy(pixels)
    with torch.no_grad():
        answers = pytorch["probabilities"](net, meta, pixels).numpy()
        torch.manual_seed(0)
        for p in net.parameters():
            p.mul_(1 + 0.1 * torch.randn_like(p))
        save_file(torch.nn.ModuleDict({"net": net}).state_dict(), folder / "weights.safetensors")
        meta.pop("trust", None)  # importing leaves it out
        pytorch["probabilities"](net, meta, pixels).numpy().tofile(folder / "weights.probs")
    return answers


def row(folder, first, want, *answers):
    columns = [folder.name, *first]
    ok = True
    for got in answers:
        if got is None:
            columns += ["–", "–"]
            continue
        difference = np.abs(got - want).max()
        ok = ok and difference <= TOLERANCE
        columns += [f"{difference:.1e}", int((got.argmax(1) != want.argmax(1)).sum())]
    print("|", " | ".join(map(str, columns)), "|")
    return ok


def elsewhere(folders):
    print("| model | classes | weights | pictures | ONNX Runtime: largest difference | other answers | PyTorch: largest difference | other answers |")
    print("|---|---|---|---|---|---|---|---|")
    for folder in folders:
        about = json.loads((folder / "about.json").read_text())
        s = about["size"]
        pixels = np.fromfile(folder / "pixels", np.uint8).reshape(-1, s["h"], s["w"], s["c"]).transpose(0, 3, 1, 2)
        pixels = np.ascontiguousarray(pixels, np.float32)
        want = np.fromfile(folder / "probs", np.float32).reshape(len(pixels), -1)
        # The program in the document has no layers of pictures behind layers of vectors.
        other = check_torch(folder, pixels) if folder.name != "odd" else None
        first = [len(about["classes"]), about["weights"], len(pixels)]
        yield row(folder, first, want, check_onnx(str(folder / "model.onnx"), about, pixels), other)


def back(folders):
    print("| model | weights of PyTorch in squint: largest difference | other answers |")
    print("|---|---|---|")
    for folder in folders:
        classes = len(json.loads((folder / "about.json").read_text())["classes"])
        want, got = (np.fromfile(f, np.float32).reshape(-1, classes) for f in (folder / "weights.probs", folder / "back" / "probs"))
        yield row(folder, [], want, got)


args = sys.argv[1:]
check = elsewhere
if args[0] == "--back":
    check = back
    args = args[1:]
ok = all(list(check(map(pathlib.Path, args))))
print(f"\nonnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}, torch {torch.__version__}; allowed: {TOLERANCE}", file=sys.stderr)
sys.exit(not ok)
