"""Compares ONNX Runtime's and PyTorch's answers with squint's and prints one
row of a table for each folder that interop (main.go) wrote. Exits with 1 where
a probability differs by more than 1e-5.

    check.py [DIR …]

PyTorch runs the program in docs/interop.md, which has no layers of pictures
behind layers of vectors: the network "odd" is left out there.
"""
import json
import pathlib
import re
import sys

import numpy as np
import onnx
import onnxruntime
import torch

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


def check_torch(path, pixels):
    net, meta = pytorch["load"](path)
    with torch.no_grad():
        x = pytorch["normalise"](torch.from_numpy(pixels), meta["prep"])
        return pytorch["probabilities"](net, meta, x).numpy()


bad = False
print("| model | classes | weights | pictures | ONNX Runtime: largest difference | other answers | PyTorch: largest difference | other answers |")
print("|---|---|---|---|---|---|---|---|")
for folder in map(pathlib.Path, sys.argv[1:]):
    about = json.loads((folder / "about.json").read_text())
    s = about["size"]
    pixels = np.fromfile(folder / "pixels", np.uint8).reshape(-1, s["h"], s["w"], s["c"]).transpose(0, 3, 1, 2)
    pixels = np.ascontiguousarray(pixels, np.float32)
    want = np.fromfile(folder / "probs", np.float32).reshape(len(pixels), -1)
    row = [folder.name, len(about["classes"]), about["weights"], len(pixels)]
    answers = [check_onnx(str(folder / "model.onnx"), about, pixels)]
    if folder.name != "odd":
        answers.append(check_torch(str(folder / "model.safetensors"), pixels))
    for got in answers:
        difference = np.abs(got - want).max()
        others = int((got.argmax(1) != want.argmax(1)).sum())
        row += [f"{difference:.1e}", others]
        bad = bad or not difference <= TOLERANCE
    row += ["–"] * (8 - len(row))
    print("|", " | ".join(map(str, row)), "|")
print(f"\nonnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}, torch {torch.__version__}; allowed: {TOLERANCE}", file=sys.stderr)
sys.exit(bad)
