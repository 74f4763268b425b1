"""Pages that anyone may read. They can reach the shelf and nothing of a person."""
