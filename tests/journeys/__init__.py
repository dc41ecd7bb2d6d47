"""The hub as people meet it: its real processes, its pages, its mails."""
