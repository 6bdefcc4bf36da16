"""A double-entry ledger over HTTP: what the library is for, on a real database.

Every request opens a database session, most open a unit of work, some a server-side cursor. What
is opened is closed, and in the log one can watch it happen. ``README.md`` says what to look at.
"""
