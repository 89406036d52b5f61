"""When an answer in words is right: every public rule under its own name, as pure functions of two texts."""
