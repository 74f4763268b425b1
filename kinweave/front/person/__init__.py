"""A person's own page: opened by a one-time link, read and answered by the person alone."""
