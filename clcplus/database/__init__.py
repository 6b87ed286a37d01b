"""The database beyond Django's ORM: locks, COPY, and the read-only side."""
