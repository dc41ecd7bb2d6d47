"""How the history of the roster reads, and what votes and marks are called."""

from reviewhub.core.i18n import _l
from reviewhub.roster.assessments import Mark, Vote

VOTE_LABELS = {
    Vote.APPROVE: _l("approve"),
    Vote.DECLINE: _l("decline"),
    Vote.MORE_INFORMATION: _l("more information first"),
}

MARK_LABELS = {
    Mark.MET: _l("meets it"),
    Mark.PARTLY: _l("partly"),
    Mark.NOT_MET: _l("does not meet it"),
}

APPLICATION_VERBS = {
    "apply": _l("sent the answers"),
    "submit": _l("confirmed and submitted"),
    "ask": _l("asked a question"),
    "answer": _l("answered the question"),
    "assess": _l("gave an assessment"),
    "approve": _l("approved the application"),
    "decline": _l("declined the application"),
    "withdraw": _l("withdrew the application"),
    "lapse": _l("closed it after a long silence"),
}

MEMBERSHIP_VERBS = {
    "join": _l("opened the membership"),
    "edit": _l("changed the profile"),
    "introduce": _l("changed the introduction"),
    "agree_to_listing": _l("agreed to be listed publicly"),
    "withdraw_from_listing": _l("withdrew from the public list"),
    "add_publications": _l("added publications"),
    "remove_publication": _l("took a publication away"),
    "plan_pause": _l("planned a pause"),
    "extend_pause": _l("extended a pause"),
    "call_off_pause": _l("called off a planned pause"),
    "pause": _l("paused the membership"),
    "resume": _l("resumed the membership"),
    "renew": _l("renewed the term"),
    "extend_term": _l("let the term go on, for a reminder came late"),
    "end": _l("ended the membership"),
    "begin_practice": _l("began a review for practice"),
    "finish_practice": _l("finished the review for practice"),
    "ask_return": _l("asked to return"),
}

FIELD_LABELS = {
    "languages": _l("languages"),
    "topics": _l("topics"),
    "regions": _l("regions"),
    "themes": _l("themes"),
    "backgrounds": _l("background"),
    "capacity": _l("reviews per half-year"),
    "competing_interests": _l("competing interests"),
    "government": _l("works for the government of"),
    "internal": _l("counts as"),
    "term_ends_on": _l("end of the term"),
}
