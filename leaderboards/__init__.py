"""Published figures and entries, a folder per paper table."""
