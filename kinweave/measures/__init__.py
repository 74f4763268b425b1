"""Statistics and disclosure rules: plain Python on numpy, scipy and Ibis, usable without the rest of Kinweave."""
