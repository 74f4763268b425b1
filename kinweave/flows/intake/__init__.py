"""Imports: a file read, matched with the site, looked over by a person, and written row by row."""
