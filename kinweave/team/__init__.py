"""Team: the workers themselves. So far their hours, paid and unpaid, seen by the one who gave them."""
