"""What names the weights of a model in memory, whatever files they came from."""

from __future__ import annotations

from hashlib import sha256
from typing import Any


def weights_digest(model: Any) -> str:
    """SHA-256 (hexadecimal) over names and float32 values of a torch module, in the order of names."""
    state = sha256()
    for key, value in sorted(model.state_dict().items()):
        state.update(key.encode())
        state.update(value.detach().cpu().float().numpy().tobytes())
    return state.hexdigest()
