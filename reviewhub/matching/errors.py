"""The one error of matching: values that make no sense. The caller has a bug or bad data."""


class MatchingError(ValueError):
    """A value that no ranking can be built on, such as a negative weight or an id given twice."""
