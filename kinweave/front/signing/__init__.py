"""Pages around signing in: the way in, one's own account, the accounts of others, the way back in."""
