"""Applications, and the reviewers they become."""
