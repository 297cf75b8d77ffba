"""Finds texts by the beginnings of their words, in any order: what a person types of a name."""

import re

from django.contrib.postgres.search import SearchQuery

WORDS = re.compile(r"\w+")
MOST_WORDS = 6


def beginnings(term: str) -> SearchQuery | None:
    """Return the query for texts with a word that begins with each word of a term, or None.

    For vectors of the configuration `simple`, which folds case and knows no language.
    """
    words = WORDS.findall(term)[:MOST_WORDS]
    if not words:
        return None
    asked = " & ".join(f"'{word}':*" for word in words)
    return SearchQuery(asked, config="simple", search_type="raw")
