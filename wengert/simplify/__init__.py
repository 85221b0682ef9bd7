"""Shorter programs of the same meaning; one pass in each file, their order in `schedule`."""
