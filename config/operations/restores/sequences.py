"""Numbers go on: what was given out once is never given out again."""

from psycopg import sql

from config.operations import databases

READ = """
SELECT schemaname || '.' || sequencename, last_value FROM pg_sequences
WHERE schemaname = 'public' AND last_value IS NOT NULL
"""


def read() -> dict[str, int]:
    """Return how far each sequence of Django's present database has got."""
    with databases.connect() as session:
        return dict(session.execute(READ).fetchall())


def raise_to(earlier: dict[str, int]) -> dict[str, int]:
    """Set each sequence at least as far as it was in another system; return those that moved."""
    here = read()
    behind = {name: last for name, last in earlier.items() if last > here.get(name, 0)}
    with databases.connect() as session:
        known = {name for (name,) in session.execute(
            "SELECT schemaname || '.' || sequencename FROM pg_sequences").fetchall()}  # fmt: skip
        moved = {name: last for name, last in behind.items() if name in known}
        for name, last in moved.items():
            session.execute(sql.SQL("SELECT setval({}, {})").format(name, last))
    return moved
