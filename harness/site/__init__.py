"""The pages of a run: a folder that opens from disk, with charts, tables and every sample."""
