"""The product's own Python files as syntax trees, for rules that no import linter sees."""

import ast
import functools
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("customers", "inventory", "orders", "fulfillment")
LAYERS = {"kernel": 0, "customers": 1, "inventory": 1, "orders": 2, "fulfillment": 3,
          "operations": 4}  # fmt: skip
DOORS = ("api", "admin", "pages", "hooks", "handlers", "tasks", "jobs", "management")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A Python file: its path below the root and its tree."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @functools.cached_property
    def text(self) -> str:
        return self.path.read_text()

    @functools.cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def parts(self) -> tuple[str, ...]:
        return self.path.relative_to(ROOT).with_suffix("").parts

    def room(self) -> str:
        """The room inside an app (`services`, `admin`, …), or '' elsewhere."""
        return self.parts[1] if self.parts[0] in APPS and len(self.parts) > 1 else ""

    def where(self, node: ast.AST) -> str:
        return f"{self.name}:{getattr(node, 'lineno', 0)}"


@functools.cache
def modules() -> tuple[Module, ...]:
    """Every module of the product but its migrations."""
    folders = [ROOT / "config", *(ROOT / app for app in APPS)]
    paths = sorted(path for folder in folders for path in folder.rglob("*.py"))
    return tuple(Module(path) for path in paths if "migrations" not in path.parts)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call below a node."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function below a node."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return (node for node in ast.walk(tree) if isinstance(node, kinds))


def called(call: ast.Call) -> str:
    """The last name of what is called: `save` of `order.save()`."""
    target = call.func
    if isinstance(target, ast.Attribute):
        return target.attr
    return target.id if isinstance(target, ast.Name) else ""


def tracked_files() -> list[Path]:
    """The files under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - whichever git there is
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file()]
