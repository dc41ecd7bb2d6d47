"""ReviewHub: a peer-review desk for a curated library."""

import gc

# Importing the program makes many objects, all of which stay: to look through them for garbage
# after every 700 new ones is a good part of the time to start, and finds nothing.
gc.set_threshold(50_000, 20, 20)
