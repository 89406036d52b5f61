"""Text as the caption metrics see it: tokens."""
