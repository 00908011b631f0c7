"""Writes foreign.safetensors with safetensors 0.8.0 and PyTorch 2.15.0."""
import torch
from safetensors.torch import save_file

save_file({
    "double": torch.tensor([[1.0], [-2.5], [0.1]], dtype=torch.float64),
    "single": torch.tensor([0.1, 3e38]),
    "half": torch.tensor([0.1, -65504], dtype=torch.float16),
    "brain": torch.tensor([0.1, 3e38], dtype=torch.bfloat16),
    "scalar": torch.tensor(7.0),
    "count": torch.tensor(1234),
}, "foreign.safetensors", metadata={"format": "pt"})
