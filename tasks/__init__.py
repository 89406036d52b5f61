"""Task families: what is asked of a sample."""
