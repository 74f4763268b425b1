"""Invented communities: made by a seed, marked as invented, for showing and testing the whole loop."""
