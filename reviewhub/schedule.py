"""The beat table: each periodic task and its period in seconds.

Every one of them asks the database for due rows, so a tick that is missed or comes twice is
harmless. Due times are columns; no deadline lives in the broker.
"""

BEAT: dict[str, float] = {
    "notifications.deliver": 1,
    "notifications.collect": 15,
    "admin.monday": 300,
    "admin.erase_due": 600,
    "jobs.beat": 15,
    "reviews.screen": 5,
    "reviews.fill_panels": 5,
    "reviews.look_at_conflicts": 15,
    "reviews.assign": 5,
    "reviews.read_texts": 60,
    "reviews.tick": 30,
    "reviews.count": 3600,
    "reviews.sweep": 3600,
    "submissions.tick": 60,
    "submissions.read_links": 5,
    "submissions.clean_files": 15,
    "submissions.sweep": 3600,
    "roster.tick": 60,
    "roster.sweep": 3600,
    "roster.import_files": 5,
    "library.publish_due": 5,
    "library.check_links": 30,
}
