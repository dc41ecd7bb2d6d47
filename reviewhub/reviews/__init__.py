"""Panel, invitation, the review itself, the panel's result, the decision."""
