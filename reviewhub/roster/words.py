"""How the history of the roster reads."""

from reviewhub.core.i18n import _l

APPLICATION_VERBS = {
    "apply": _l("sent the answers"),
    "submit": _l("confirmed and submitted"),
    "ask": _l("asked a question"),
    "answer": _l("answered the question"),
    "approve": _l("approved the application"),
    "decline": _l("declined the application"),
    "withdraw": _l("withdrew the application"),
    "lapse": _l("closed it after a long silence"),
}

MEMBERSHIP_VERBS = {
    "join": _l("opened the membership"),
    "edit": _l("changed the profile"),
    "plan_pause": _l("planned a pause"),
    "call_off_pause": _l("called off a planned pause"),
    "pause": _l("paused the membership"),
    "resume": _l("resumed the membership"),
    "renew": _l("renewed the term"),
    "end": _l("ended the membership"),
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
