"""Reading the roster: applications, members, who can be asked, and what is lacking."""

from reviewhub.roster.queries.coverage import (
    Contribution,
    TopicCount,
    contributions,
    counts_by_topic,
    gaps,
)
from reviewhub.roster.queries.members import of_person as membership_of
from reviewhub.roster.queries.reviewers import MemberRow, absences, eligible_members

__all__ = [
    "Contribution",
    "MemberRow",
    "TopicCount",
    "absences",
    "contributions",
    "counts_by_topic",
    "eligible_members",
    "gaps",
    "membership_of",
]
