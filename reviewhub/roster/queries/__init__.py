"""Reading the roster: applications, members, who can be asked, and what is lacking."""

from reviewhub.roster.queries.coverage import (
    Contribution,
    MemberRow,
    TopicCount,
    contributions,
    counts_by_topic,
    eligible_members,
    gaps,
)
from reviewhub.roster.queries.members import of_person as membership_of

__all__ = [
    "Contribution",
    "MemberRow",
    "TopicCount",
    "contributions",
    "counts_by_topic",
    "eligible_members",
    "gaps",
    "membership_of",
]
