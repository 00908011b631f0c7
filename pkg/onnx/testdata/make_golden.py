"""Runs the *.onnx files here in ONNX Runtime 1.32.0 (and onnx's checker,
1.23.2) and writes what it answers to the pictures of onnx_test.go to
golden.json."""
import glob
import json

import numpy as np
import onnx
import onnxruntime

golden = {}
for path in sorted(glob.glob("*.onnx")):
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path)
    _, c, h, w = session.get_inputs()[0].shape
    pixels = np.array([i * 37 % 251 for i in range(2 * h * w * c)], np.float32).reshape(2, h, w, c).transpose(0, 3, 1, 2)
    probs = session.run(["probabilities"], {"pixels": pixels})[0]
    golden[path.removesuffix(".onnx")] = [float(f"{p:.8g}") for p in probs.flat]
with open("golden.json", "w") as f:
    json.dump(golden, f, indent=1)
