"""One module writes stock: no other line of the product changes counters, bins or the ledger."""

import re

from tests.architecture.code import APPS, ROOT

WRITES = re.compile(
    r"(UPDATE|INTO|DELETE FROM) inventory_(stocklevel|binstock|stockmovement)\b"
    r"|(StockMovement|BinStock)\.objects\.\w*(create|update|delete)"
    r"|StockLevel\.objects\.\w*(update|delete)"
    r"|sql\.(update|insert)\(\(?(StockMovement|BinStock|StockLevel)\b"
)
ALLOWED = {"inventory/services/ledger.py"}


def test_only_the_ledger_writes_stock():
    writers = {
        path.relative_to(ROOT).as_posix()
        for app in (*APPS, "config")
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and WRITES.search(path.read_text())
    }
    assert writers == ALLOWED
