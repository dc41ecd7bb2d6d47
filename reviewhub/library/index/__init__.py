"""The library's index: bitmaps in a table, kept in memory by every process that answers readers.

`postings` are the rows, `changes` say what a process has missed, `memory` is what it keeps,
`loading` brings that up to date, `describing` says what a resource is filed under, `building`
makes all of it anew, and `verifying` holds it against the resources.
"""
