"""How far a release has come, as codes. Pages may know these; the table itself is the shelf's own."""

DRAFT, SIGNED, PUBLISHED, WITHDRAWN, DROPPED = "draft", "signed", "published", "withdrawn", "dropped"
STANDING, BACK, OUT = "standing", "back", "out"  # of a story with a release
