"""The outbox: a mail is a row first."""
