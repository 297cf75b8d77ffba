"""One look at one thing: how it is, in one sentence, and what to do about it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Concatenate, Generic, ParamSpec

P = ParamSpec("P")
Text = Any  # a str, or one that is translated when shown


class State(StrEnum):
    """From well to broken."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing; `check` names it for programs, `title` for people."""

    check: str
    title: Text
    state: State
    said: Text
    remedy: Text = ""


@dataclass(frozen=True, slots=True)
class Look:
    """A thing that is looked at; turns what was seen into a finding about it."""

    check: str
    title: Text

    def ok(self, said: Text) -> Finding:
        """All is well."""
        return Finding(self.check, self.title, State.OK, said)

    def warning(self, said: Text, remedy: Text = "") -> Finding:
        """It works, but not for ever; or nobody can tell."""
        return Finding(self.check, self.title, State.WARNING, said, remedy)

    def failed(self, said: Text, remedy: Text = "") -> Finding:
        """It does not work."""
        return Finding(self.check, self.title, State.FAILED, said, remedy)


@dataclass(frozen=True, slots=True)
class Check(Generic[P]):
    """A look with its judgement; called, it gives the finding."""

    look: Look
    judge: Callable[Concatenate[Look, P], Finding]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Finding:
        return self.judge(self.look, *args, **kwargs)


def check(name: str, title: Text) -> Callable[[Callable[Concatenate[Look, P], Finding]], Check[P]]:
    """Make a check of a function that judges."""
    return lambda judge: Check(Look(name, title), judge)
