"""What every policy answers to every principal, written by hand and apart from the code.

The table of expected.py asks the pages, behind which several policies may stand one after another;
this one asks each policy by itself, so that none is right only because another one is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role as R
from reviewhub.core import clock
from reviewhub.library import policy as library
from reviewhub.reviews import policy as reviews
from reviewhub.reviews.signing import SignOff
from reviewhub.roster import policy as roster
from reviewhub.submissions import policy as submissions
from tests.permissions import expected as who
from tests.permissions.expected import Ask
from tests.permissions.principals import PRINCIPALS, House

Arguments = Callable[[House, str, Actor], tuple[Any, ...]]
Answer = Callable[[Ask], Any]

NOTHING: frozenset[R] = frozenset()
FREE = who.FREE_EDITORS
# Whose account was asked to review the item, and did not refuse before learning what it is.
ASKED = {"invited", "accepted", "sent", "recused"}


@dataclass(frozen=True)
class Line:
    """One policy, what it is asked about, and what it has to answer."""

    policy: Any
    about: Arguments
    answer: Answer


# -- what is asked about: the thing that this principal looks at --


def item(house: House, principal: str, actor: Actor) -> tuple[Any, ...]:
    """The submission; the editor who suggests looks at their own."""
    return actor, house.item_of(principal).submission


def appealed(house: House, _principal: str, actor: Actor) -> tuple[Any, ...]:
    """A submission that the handling editor refused, and that was appealed."""
    return actor, house.appealed


def seat(house: House, principal: str, actor: Actor) -> tuple[Any, ...]:
    """The principal's own seat, or somebody's."""
    return actor, house.seat_of(principal)


def waiting(days: int) -> Arguments:
    """A decision of the handling editor's that waits for the other one, with so many days to go."""

    def about(house: House, principal: str, actor: Actor) -> tuple[Any, ...]:
        sign_off = SignOff(
            proposed_by_id=house.person["handling_editor"].id,
            second_id=house.person["other_editor"].id,
            due_at=clock.now() + timedelta(days=days),
        )
        return actor, house.item_of(principal).submission, sign_off

    return about


in_time, late = waiting(7), waiting(-1)


def application(house: House, _principal: str, actor: Actor) -> tuple[Any, ...]:
    """The application."""
    return actor, house.application


def close_application(house: House, _principal: str, actor: Actor) -> tuple[Any, ...]:
    """The application of somebody from the roster manager's own organisation."""
    return actor, house.close_application


def torn_application(house: House, _principal: str, actor: Actor) -> tuple[Any, ...]:
    """An application about which two managers disagree, while the policy wants both."""
    return actor, house.torn_application


def member(house: House, _principal: str, actor: Actor) -> tuple[Any, ...]:
    """The membership."""
    return actor, house.membership


def invitation(house: House, _principal: str, actor: Actor) -> tuple[Any, ...]:
    """The invitation of a list."""
    return actor, house.invitation


# -- what is answered --


def only(*groups: set[str]) -> Answer:
    """Yes to these principals."""
    return lambda ask: any(ask.principal in group for group in groups)


def roles(**given: set[str]) -> Answer:
    """A role to these principals, and none to the others."""

    def answer(ask: Ask) -> frozenset[R]:
        return frozenset(R(name) for name, group in given.items() if ask.principal in group)

    return answer


def _stands(ask: Ask) -> str:
    return who.SEATS.get(ask.principal.removesuffix("_by_link"), "accepted")


_OF_ITEM = roles(submitter=who.SUBMITTERS, editor=FREE)
_OF_SEAT = roles(reviewer={f"{one}{how}" for one in who.SEATS for how in ("", "_by_link")},
                 editor=FREE)  # fmt: skip
_OF_ROSTER = roles(applicant=who.APPLICANTS, roster_manager=who.MANAGERS)
LINES: tuple[Line, ...] = (
    Line(submissions.is_submitter, item, only(who.SUBMITTERS)),
    Line(submissions.roles_towards, item, _OF_ITEM),
    Line(submissions.may_see, item, who.sees),
    Line(
        submissions.may_edit, item,
        lambda ask: ask.principal in who.SUBMITTERS and ask.state in {who.DRAFT, who.CHANGES},
    ),
    Line(
        submissions.may_refile, item,
        lambda ask: ask.principal in FREE and ask.state in who.UNDER_WAY,
    ),
    Line(submissions.may_be_asking, item, only(FREE)),
    Line(
        submissions.may_ask, item,
        lambda ask: ask.principal in FREE and ask.state in who.UNDER_WAY,
    ),
    Line(
        submissions.may_answer, item,
        lambda ask: ask.principal in who.SUBMITTERS and ask.state in who.UNDER_WAY,
    ),
    Line(
        submissions.may_read_messages, item,
        lambda ask: who.sees(ask) and ask.principal not in who.INVOLVED,
    ),
    Line(reviews.roles_towards, item, _OF_ITEM),
    Line(reviews.is_compromised, item, only(who.INVOLVED, ASKED)),
    Line(reviews.decided_before_appeal, item, only()),
    Line(reviews.decided_before_appeal, appealed, only({"handling_editor"})),
    Line(submissions.roles_towards, appealed, roles(editor=who.EDITORS - {"handling_editor"})),
    Line(reviews.may_see_review_process, item, only(FREE, who.ONLOOKERS)),
    Line(
        reviews.may_see_panel, item,
        lambda ask: ask.principal in FREE | who.ONLOOKERS and ask.state != who.DRAFT,
    ),
    Line(reviews.may_confirm, in_time, only({"other_editor"})),
    Line(reviews.may_confirm, late, only(FREE - {"handling_editor"})),
    Line(reviews.may_take_back, in_time, only({"handling_editor"})),
    Line(reviews.may_take_back, late, only(FREE)),
    Line(
        reviews.is_reviewer, seat,
        lambda ask: ask.principal.removesuffix("_by_link") in who.SEATS,
    ),
    Line(
        reviews.roles_towards_assignment,
        lambda house, principal, actor: (
            actor, house.seat_of(principal), house.item_of(principal).submission,
        ),
        _OF_SEAT,
    ),
    Line(
        reviews.may_read_item,
        lambda house, principal, _actor: (house.seat_of(principal),),
        lambda ask: _stands(ask) in {"accepted", "sent"},
    ),
    Line(
        lambda assignment: reviews.may_see_others(assignment, allowed_by_rules=True),
        lambda house, principal, _actor: (house.seat_of(principal),),
        lambda ask: _stands(ask) == "sent",
    ),
    Line(
        lambda assignment: reviews.may_see_others(assignment, allowed_by_rules=False),
        lambda house, principal, _actor: (house.seat_of(principal),),
        only(),
    ),
    Line(roster.is_applicant, application, only(who.APPLICANTS)),
    Line(roster.is_conflicted, application, only()),
    Line(roster.is_conflicted, close_application, only(who.MANAGERS)),
    Line(roster.roles_towards, application, _OF_ROSTER),
    Line(roster.roles_towards, close_application, roles()),
    Line(roster.may_assess, application, only(who.MANAGERS)),
    Line(roster.may_assess, close_application, only()),
    Line(roster.may_break_tie, application, only()),
    Line(roster.may_break_tie, torn_application, only({"admin"})),
    Line(roster.may_see_votes, application, only(who.ONLOOKERS)),
    Line(roster.may_see_votes, torn_application, only(who.MANAGERS, who.ONLOOKERS)),
    Line(roster.may_see_votes, close_application, only(who.ONLOOKERS)),
    Line(roster.may_see, application, only(who.APPLICANTS, who.ROSTER_DESK)),
    Line(roster.is_invited, invitation, only(who.INVITED)),
    Line(roster.is_member, member, only(who.MEMBERS)),
    Line(roster.roles_of_member, member, roles(member=who.MEMBERS, roster_manager=who.MANAGERS)),
    Line(roster.may_see_member, member, only(who.MEMBERS, who.ROSTER_DESK)),
    Line(
        library.roles_towards,
        lambda house, principal, actor: (actor, house.item_of(principal).submission.submitter_id),
        roles(submitter={"submitter", "submitting_editor"}, editor=FREE | who.INVOLVED),
    ),
    Line(
        library.may_change,
        lambda house, principal, actor: (actor, house.item_of(principal).submission.submitter_id),
        only(FREE, who.INVOLVED),
    ),
)  # fmt: skip


def wrong_answers(house: House, first: Any = None) -> Iterator[str]:
    """Where a policy answers otherwise than it has to, as sentences; those of `first` first."""
    actors = {principal: house.actor(principal) for principal in PRINCIPALS}
    for line in sorted(LINES, key=lambda line: line.policy is not first):
        for principal, actor in actors.items():
            ask = Ask(principal, "GET", house.state.value)
            wanted = line.answer(ask)
            given = line.policy(*line.about(house, principal, actor))
            if given != wanted:
                name = getattr(line.policy, "__name__", "")
                yield (
                    f"{line.policy.__module__}.{name} of {line.about.__name__} to {principal} "
                    f"when {ask.state}: {given}, not {wanted}"
                )
