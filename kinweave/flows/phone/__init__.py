"""The phone's stories: sealed envelopes come in, changes go down, two versions wait for the worker's word."""

from kinweave.flows.phone import taking as taking  # both register actions
from kinweave.flows.phone import versions as versions
