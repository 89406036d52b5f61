"""Leaderboards: published figures and entries of runs, as pages that can be made again from the files."""
