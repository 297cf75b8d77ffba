"""Pages continue where they ended, and cursors are ours, for these filters."""

from datetime import UTC, datetime

import pytest
from django.core import signing
from django.http import QueryDict

from config.kernel.api import pagination, problems

POSITION = (datetime(2026, 11, 22, 10, tzinfo=UTC), "0190")


def params(text):
    return QueryDict(text)


class TestLimit:
    @pytest.mark.parametrize(
        ("query", "limit"),
        [("", 50), ("limit=1", 1), ("limit=200", 200), ("limit=1000000000", 200)],
    )
    def test_it_is_capped(self, query, limit):
        assert pagination.limit_of(params(query)) == limit

    @pytest.mark.parametrize(
        "text",
        ["0", "-1", "1e9", "1.5", "", "x", "٣", "²", "+1", "9" * 5000, "00000000000000000000"],
    )
    def test_what_is_no_count_is_refused(self, text):
        with pytest.raises(problems.BadRequest):
            pagination.limit_of({"limit": text})


class TestCursor:
    def test_it_comes_back_as_it_was(self):
        given = params("status=open&limit=2")
        cursor = pagination.cursor(given, POSITION)
        following = params(f"limit=7&status=open&cursor={cursor}")
        assert pagination.position_of(following) == ["2026-11-22T10:00:00+00:00", "0190"]

    def test_a_first_page_has_none(self):
        assert pagination.position_of(params("")) is None
        assert pagination.position_of(params("cursor=")) is None

    def test_one_of_other_filters_is_refused(self):
        cursor = pagination.cursor(params("status=open"), POSITION)
        for other in ("status=cancelled", "", "status=open&sku=A"):
            with pytest.raises(problems.BadRequest, match="other filters"):
                pagination.position_of(params(f"{other}&cursor={cursor}"))

    def test_a_forged_one_is_refused(self):
        cursor = pagination.cursor(params(""), POSITION)
        payload, time, signature = cursor.split(":")
        elsewhere = signing.dumps(["", ["x"]], salt="elsewhere")
        for forged in (
            "x",
            "::",
            "é",
            "\x00",
            cursor[:-1],
            f"{payload}x:{time}:{signature}",
            f".{payload}:{time}:{signature}",
            elsewhere,
            "A" * 100_000,
        ):
            with pytest.raises(problems.BadRequest, match="not ours"):
                pagination.position_of({"cursor": forged})


def test_unknown_parameters_are_named():
    pagination.only(params("status=open&limit=1&cursor=x"), frozenset({"status"}))
    with pytest.raises(problems.BadRequest, match="Unknown parameter: offset, ordering"):
        pagination.only(params("ordering=password&offset=-1&status=open"), frozenset({"status"}))
