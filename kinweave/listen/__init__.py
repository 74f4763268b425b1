"""Listen: questionnaires asked in a person's own language, scored under a table that is kept for ever."""
