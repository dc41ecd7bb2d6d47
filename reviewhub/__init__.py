"""ReviewHub: a peer-review desk for a curated library."""

import gc

# Importing the program makes some 300,000 objects, all of which stay: to look through them for
# garbage is a good part of the time to start, and finds nothing. The application looks more often.
gc.set_threshold(500_000, 20, 20)
