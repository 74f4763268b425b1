"""Statistics and disclosure rules: plain Python on numpy and scipy, usable without the rest of Kinweave."""
