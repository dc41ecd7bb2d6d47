"""The coverage board: what the roster can judge, where it is thin, and what is asked of it."""
