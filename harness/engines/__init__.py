"""Ways to move requests through an adapter."""
