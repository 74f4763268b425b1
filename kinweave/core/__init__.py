"""Plain Python, no web framework: problems, values, instruments, scoring, safety, state machines."""
