"""Pure observe/reduce pairs: what one sample proves, and what many prove together."""
