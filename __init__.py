"""rsbench: exact, resumable evaluation of multi-modal models on remote-sensing imagery."""

from __future__ import annotations

__version__ = "0.1.0"
