"""The published catalogue: list, topic pages, resource pages."""
