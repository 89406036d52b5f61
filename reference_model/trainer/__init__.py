"""Training through transformers' Trainer: recipes, data, packing, the loop and its checkpoints."""
