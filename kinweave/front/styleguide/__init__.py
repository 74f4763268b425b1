"""Every part of the sheet on a page of its own, in two directions; served only where KINWEAVE_STYLEGUIDE is set."""
