"""Paper twins: what is asked and noted on screen can be asked and noted on paper."""
