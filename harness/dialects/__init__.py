"""One file per model family: how it is spoken to and understood."""
