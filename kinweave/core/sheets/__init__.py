"""Spreadsheets as they lie on a programme's disk, read and understood; nothing here writes to a database."""
