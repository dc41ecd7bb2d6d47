"""The hub's vocabularies and policy: topics, themes, regions, countries, types, languages.

All of it is data. A hub is a folder of JSON files (see `hubs/migration`); `loader` reads and
checks one, `operations.load` stores it, `queries.catalogue` is what everybody else reads.
"""
