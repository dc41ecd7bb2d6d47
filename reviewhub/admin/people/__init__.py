"""What the hub holds about a person, across packages: given to them, merged, and erased."""
