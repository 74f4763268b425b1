"""XForms and what clients send of them, in plain Python: read within bounds, checked, laid out for a table."""
