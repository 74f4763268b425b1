"""One report, many shapes: page, PDF, plain text for reading aloud, and CSV, all from the same frozen texts."""
