"""The shelf: releases that were made safe, read together, signed by two people and frozen."""
