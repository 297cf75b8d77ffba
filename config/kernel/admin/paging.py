"""Pages of a long list without counting it: one row more than a page tells if there is another."""

from typing import Any

from django.core.paginator import Page
from unfold.paginator import InfinitePaginator


class HasNextPaginator(InfinitePaginator):
    """Asks for one row more than it shows."""

    has_next = False

    def page(self, number: Any) -> Page:
        """Return a page, and remember whether another follows."""
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        rows = list(self.object_list[first : first + self.per_page + 1])
        self.has_next = len(rows) > self.per_page
        return self._get_page(rows[: self.per_page], number, self)
