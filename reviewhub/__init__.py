"""ReviewHub: a peer-review desk for a curated library."""
