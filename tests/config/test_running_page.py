import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"""(?:environ(?:\.get\(|\[)|environment\.\w+\(\s*)["']([A-Z_]+)["']""")


def test_every_variable_the_code_reads_is_explained():
    read = {
        name
        for file in [*(ROOT / "config").rglob("*.py"), ROOT / "manage.py"]
        for name in READ.findall(file.read_text())
        if not name.startswith("DJANGO_")
    }
    page = (ROOT / "docs/running.md").read_text()

    assert {"DATABASE_URL", "KAPELL_SECRET_KEY", "PG_BIN"} <= read
    assert {name for name in read if f"`{name}`" not in page} == set()
