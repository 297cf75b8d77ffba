"""docs/uploading.md tells every layout as it is."""

from pathlib import Path

from config.kernel.uploads import guard, handbook, layouts, reading
from config.kernel.uploads.errors import MEBIBYTE

PAGE = Path(__file__).parents[2] / "docs" / "uploading.md"
MARK = "keeps it equal -->\n\n"


def test_the_page_tells_every_layout_as_it_is():
    told, generated = PAGE.read_text().split(MARK)
    assert generated.rstrip() == handbook.markdown().rstrip(), handbook.markdown()
    assert f"{guard.MOST_BYTES // MEBIBYTE} MiB and {reading.MOST_ROWS:,} rows" in told


def test_every_example_is_read_as_it_stands():
    for layout in layouts.every():
        for example in layout.examples:
            for column in layout.columns:
                if not column.is_info:
                    column.read(example.get(column.name, "") or ("x" if column.required else ""))


def test_every_code_of_a_layout_has_a_sentence_that_can_be_filled():
    told = {"column": "c", "value": "v"}
    facts = dict.fromkeys(
        ("missing", "promised", "allocated", "seen", "now", "most", "warehouse", "names", "number",
         "first", "detail", "skus"), "1",
    )  # fmt: skip
    for layout in layouts.every():
        for sentence in layout.sentences.values():
            assert str(sentence) % {**told, **facts}
