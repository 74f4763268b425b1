"""Gather: circles with their own rules, met by head-count. What is said in a circle stays there."""
