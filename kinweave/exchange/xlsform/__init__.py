"""Questionnaires as XLSForms, and XForms of them; what was answered in forms of one's own, as a table."""
