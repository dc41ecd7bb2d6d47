"""The board's figures counted a second time, in plain SQL and plain loops that share no code with
it: one row after another, each question asked anew."""

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

KINDS = {True: "internal", False: "external"}


class Oracle:
    """What the tables say on a day; `rows` are the members who count at all."""

    def __init__(self, db: Any, now: datetime) -> None:
        self.db, self.now, self.today = db, now, now.date()
        self.rows = [row for row in self._all("roster_memberships") if self._counts(row)]
        self.codes = {row["id"]: row for row in self._all("terms")}
        self.topics = defaultdict(set)
        for row in self._all("roster_membership_topics"):
            self.topics[row["membership_id"]].add(self.codes[row["term_id"]]["code"])

    def _all(self, table: str) -> list[dict[str, Any]]:
        return [dict(row._mapping) for row in self.db.execute(sa.text(f"SELECT * FROM {table}"))]

    def _person(self, number: int) -> dict[str, Any]:
        if not hasattr(self, "_people"):
            self._people = {row["id"]: row for row in self._all("people")}
        return self._people[number]

    def _counts(self, row: dict[str, Any]) -> bool:
        person = self._person(row["person_id"])
        gone = row["state"] == "ended" or person["suspended_at"] or person["bouncing_since"]
        return not gone

    def _regions(self, row: dict[str, Any]) -> set[str]:
        country = self._person(row["person_id"])["country"]
        homes = {
            term["parent_code"] for term in self.codes.values()
            if term["vocabulary"] == "countries" and term["code"] == country
        }  # fmt: skip
        return (homes - {None}) | set(_list(row["regions"]))

    def heads(self, topic: str = "", region: str = "", language: str = "", on: date | None = None):
        """Internal and external members whose term has not ended by the day."""
        found = {"internal": 0, "external": 0}
        for row in self.rows:
            known = (
                (not topic or topic in self.topics[row["id"]])
                and (not region or region in self._regions(row))
                and (not language or language in _list(row["languages"]))
                and (on is None or _day(row["term_ends_on"]) >= on)
            )
            found[KINDS[bool(row["internal"])]] += known
        return found["internal"], found["external"]

    def languages(self, topic: str, region: str) -> set[str]:
        """What is read by those who know both."""
        return {
            language
            for row in self.rows
            if topic in self.topics[row["id"]] and region in self._regions(row)
            for language in _list(row["languages"])
        }

    def free(self, topic: str = ""):
        """Reviews that internal and external members have left in this half-year."""
        if not hasattr(self, "_left"):
            self._left = {row["id"]: self._left_of(row) for row in self.rows}
        found = {"internal": 0, "external": 0}
        for row in self.rows:
            if not topic or topic in self.topics[row["id"]]:
                found[KINDS[bool(row["internal"])]] += self._left[row["id"]]
        return found["internal"], found["external"]

    @property
    def askable(self) -> int:
        """Members who have any left."""
        self.free()
        return sum(left > 0 for left in self._left.values())

    def _left_of(self, row: dict[str, Any]) -> int:
        until = self._person(row["person_id"])["away_until"]
        if until and _moment(until, self.now) > self.now:
            return 0
        absent = self.db.scalar(
            sa.text(
                "SELECT count(*) FROM roster_absences WHERE membership_id = :id"
                " AND first_day <= :day AND (last_day IS NULL OR last_day >= :day)"
            ),
            {"id": row["id"], "day": self.today.isoformat()},
        )
        since = date(self.today.year, 1 if self.today.month <= 6 else 7, 1)
        asked = self.db.scalar(
            sa.text(
                "SELECT count(*) FROM assignments WHERE person_id = :id AND invited_at >= :since"
                " AND state NOT IN ('proposed', 'declined', 'expired', 'cancelled', 'recused',"
                " 'unfilled')"
            ),
            {"id": row["person_id"], "since": since.isoformat()},
        )
        return 0 if absent else max(0, row["capacity"] - asked)

    def sent(self, topic: str) -> int:
        """Suggestions of twelve months that were filed under the topic first."""
        since = self.now - timedelta(days=365)
        if not hasattr(self, "_sent"):
            found = self.db.execute(
                sa.text(
                    "SELECT t.code, s.submitted_at FROM terms t, submissions s, submission_terms f"
                    " WHERE f.submission_id = s.id AND f.term_id = t.id AND f.position = 0"
                    " AND s.state NOT IN ('draft', 'withdrawn') AND t.vocabulary = 'topics'"
                )
            )
            self._sent = [code for code, at in found if _moment(at, self.now) >= since]
        return self._sent.count(topic)


def _list(value: Any) -> list[str]:
    return json.loads(value) if isinstance(value, str) else list(value)


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _moment(value: Any, like: datetime) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=like.tzinfo)
