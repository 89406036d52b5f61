"""Frozen values in, numbers out: the benchmark harness."""
