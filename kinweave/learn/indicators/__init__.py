"""The catalogue: every indicator this version can compute, by its slug."""
