"""Benchmarks: ratios in one run, beside a named yardstick. `python -m bench --quick`, or `make bench`."""
