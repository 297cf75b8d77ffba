"""The layouts as a page of the documentation, in Markdown."""

from collections.abc import Iterator

from config.kernel.uploads import layouts
from config.kernel.uploads.columns import Column
from config.kernel.uploads.layouts import Layout


def markdown() -> str:
    """Return every layout with its columns."""
    return "\n".join(line for layout in layouts.every() for line in _layout(layout))


def _layout(layout: Layout) -> Iterator[str]:
    yield f"### {layout.title}"
    yield ""
    yield str(layout.about)
    rights = ", ".join(f"`{right}`" for right in layout.rights)
    yield f"Upload: {rights}. Export: `{layout.view}`."
    yield ""
    yield "| Column | Holds | Example | |"
    yield "|---|---|---|---|"
    yield from map(_column, layout.columns)
    yield ""


def _column(column: Column) -> str:
    name = f"**`{column.name}`**" if column.required else f"`{column.name}`"
    example = f"`{column.example}`" if column.example else ""
    told = str(column.help)
    if column.is_info:
        told += " Not read."
    elif column.empties and not column.required:
        told += " An empty cell empties it."
    return f"| {name} | {column.kind.told} | {example} | {told} |"
