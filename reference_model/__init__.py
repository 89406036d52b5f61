"""The reference EarthGPT."""
