"""Every part of the sheet on a page of its own; served only where KINWEAVE_STYLEGUIDE is set."""
