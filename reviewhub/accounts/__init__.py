"""People, organisations, sign-in, and links that act for a person."""
