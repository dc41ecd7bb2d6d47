"""A suggested resource, from draft to decision and publication."""
