"""Readers of published layouts, cards, the mini renderer, verification."""
