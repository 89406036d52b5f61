"""The doors to models."""
