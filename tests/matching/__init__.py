"""The matching package, tried on values alone."""
