"""The tests of Kinweave."""
