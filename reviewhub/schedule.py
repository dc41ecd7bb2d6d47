"""The beat table: each periodic task and its period in seconds.

Every one of them asks the database for due rows, so a tick that is missed or comes twice is
harmless. Due times are columns; no deadline lives in the broker.
"""

BEAT: dict[str, float] = {
    "notifications.deliver": 1,
    "jobs.beat": 15,
    "reviews.fill_panels": 5,
    "reviews.tick": 30,
    "submissions.tick": 60,
    "roster.tick": 60,
    "library.publish_due": 5,
}
