"""Bodies are read strictly: what is no plain JSON object is refused, quickly, with a reason."""

import json
import time
from decimal import Decimal

import pytest
from django.test import RequestFactory

from config.kernel.api import bodies, problems


def request(raw=b"{}", content_type="application/json", **headers):
    return RequestFactory().generic("POST", "/", raw, content_type=content_type, **headers)


def refusal(raw):
    started = time.monotonic()
    with pytest.raises(problems.BadRequest) as refused:
        bodies.parse(raw)
    assert time.monotonic() - started < 0.5
    return refused.value.detail


class TestReading:
    def test_a_body_becomes_plain_values_with_decimals_for_fractions(self):
        raw = '{"price": 2.50, "quantity": 6, "name": "Žofie", "lines": [null, true]}'.encode()
        body = bodies.read(request(raw))
        assert body == {
            "price": Decimal("2.50"),
            "quantity": 6,
            "name": "Žofie",
            "lines": [None, True],
        }
        assert str(body["price"]) == "2.50"

    @pytest.mark.parametrize(
        "content_type",
        [
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "",
        ],
    )
    def test_another_content_type_is_refused(self, content_type):
        with pytest.raises(problems.UnsupportedMediaType):
            bodies.read(request(content_type=content_type))

    def test_a_charset_beside_the_content_type_is_fine(self):
        assert bodies.read(request(content_type="application/json; charset=utf-8")) == {}

    @pytest.mark.parametrize("encoding", ["gzip", "br", "deflate"])
    def test_a_compressed_body_is_refused_unread(self, encoding):
        with pytest.raises(problems.UnsupportedMediaType):
            bodies.read(request(b"\x1f\x8b\x08", HTTP_CONTENT_ENCODING=encoding))

    def test_a_large_body_is_refused_unread(self):
        large = request()
        large.META["CONTENT_LENGTH"] = str(20 * 1024 * 1024)
        large.read = lambda _size: pytest.fail("read")
        with pytest.raises(problems.TooLarge):
            bodies.read(large)

    def test_a_body_that_hides_its_size_is_refused(self):
        large = request(b'{"a":"' + b"x" * bodies.MAX_BYTES + b'"}')
        large.META["CONTENT_LENGTH"] = ""
        with pytest.raises(problems.TooLarge):
            bodies.read(large)

    @pytest.mark.parametrize("raw", [b"[]", b'"text"', b"1", b"null", b"true"])
    def test_the_body_must_be_an_object(self, raw):
        with pytest.raises(problems.BadRequest, match="must be a JSON object"):
            bodies.read(request(raw))


class TestSyntax:
    @pytest.mark.parametrize(
        "raw", [b"", b"{", b"{'a': 1}", b'{"a": 1,}', b"<order/>", b'{"a": "\t"}', b'{"a": 01}']
    )
    def test_what_is_no_json_is_refused(self, raw):
        assert "not JSON" in refusal(raw)

    def test_a_name_that_stands_twice_is_named(self):
        assert refusal(b'{"quantity":1,"quantity":100}') == (
            'The name "quantity" stands twice in one object.'
        )
        assert '"b"' in refusal(b'{"a": [{"b": 1, "c": 2, "b": 1}]}')

    @pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
    def test_a_number_that_is_none_is_named(self, constant):
        assert refusal(f'{{"a": {constant}}}'.encode()) == f"{constant} is not a JSON number."

    @pytest.mark.parametrize(
        "number",
        [
            "1e400",
            "-1e400",
            "1e-400",
            "0e99999999999",
            "1e99999999999999999999",
            "9" * 5000,
            "-" + "9" * 5000,
            "0." + "3" * 5000,
            "1" * 19,
        ],
    )
    def test_an_absurd_number_is_refused(self, number):
        assert refusal(f'{{"a": {number}}}'.encode()) == (
            "The body holds a number that is too long."
        )

    @pytest.mark.parametrize(
        ("number", "value"), [("1e3", Decimal(1000)), ("0.000001", Decimal("0.000001")), ("0e0", 0)]
    )
    def test_ordinary_numbers_are_read(self, number, value):
        assert bodies.parse(number.encode()) == value

    @pytest.mark.parametrize("depth", [21, 600, 990, 10_000, 100_000])
    @pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
    @pytest.mark.parametrize("inside", ["1", '"\\u00e9"'])
    def test_deep_nesting_is_refused(self, depth, opening, closing, inside):
        raw = opening * depth + inside + closing * depth
        assert refusal(raw.encode()) == "The body nests too deeply."

    def test_wide_bodies_are_not_deep_ones(self):
        raw = json.dumps({"lines": [{"a": [1]} for _ in range(1000)]}).encode()
        assert len(bodies.parse(raw)["lines"]) == 1000
        assert bodies.parse(b"[" * 20 + b"]" * 20)


class TestText:
    @pytest.mark.parametrize("raw", [b'{"a": "\xff"}', b'{"a": "\xc3"}', b'{"a": "\xed\xa0\x80"}'])
    def test_what_is_not_utf_8_is_refused_with_its_place(self, raw):
        assert refusal(raw) == "The body is not UTF-8 (byte 7)."

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
    def test_marks_of_other_encodings_are_refused(self, encoding):
        assert refusal('{"a": 1}'.encode(encoding))

    @pytest.mark.parametrize("place", ['{"a": "%s"}', '{"%s": 1}', '{"a": [{"b": ["x%sy"]}]}'])
    def test_half_a_surrogate_pair_is_refused_wherever_it_stands(self, place):
        assert "surrogate" in refusal((place % "\\ud800").encode())

    @pytest.mark.parametrize("place", ['{"a": "%s"}', '{"%s": 1}', '{"a": [{"b": ["x%sy"]}]}'])
    def test_a_zero_character_is_refused_wherever_it_stands(self, place):
        assert "zero character" in refusal((place % "\\u0000").encode())

    def test_escapes_that_only_look_alike_are_text(self):
        assert bodies.parse(rb'{"path": "C:\\u0000\\ud800"}') == {"path": r"C:\u0000\ud800"}
        assert bodies.parse(rb'{"a": "\ud83d\ude00"}') == {"a": "😀"}
