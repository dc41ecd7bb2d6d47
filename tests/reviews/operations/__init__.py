"""What happens in a review, verb by verb."""
