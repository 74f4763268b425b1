"""Kinweave runs a community's mental health programme and shows the community what it changes."""

__version__ = "0.1.0"
