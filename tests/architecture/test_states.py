"""Each decision has a table of moves that makes sense; figures are derived and have none."""

import ast

import pytest
from django.apps import apps

from config.kernel import states
from tests.architecture.code import LAYERS, called, calls, modules

# Figures: derived from quantities and money, cached by orders.services.progress, decided by nobody.
DERIVED = {"orders.Order"}
# Facts: written once, never moved.
FACTS = {"orders.Payment"}
# What may write a status: the one mover, and the cache of derived figures.
WRITERS = {"config/kernel/states.py", "orders/services/progress.py"}

WITH_STATUS = [
    model
    for model in apps.get_models()
    if model._meta.app_label in LAYERS
    and any(field.name == "status" and field.choices for field in model._meta.get_fields())
]
DECIDED = [model for model in WITH_STATUS if model._meta.label not in DERIVED | FACTS]


def label(model):
    return model._meta.label


def table(model):
    moves = states.table_of(model)
    assert moves is not None, f"{label(model)} has no table of moves; register it in apps.ready()"
    return {str(origin): {str(to) for to in targets} for origin, targets in moves.items()}


def test_the_exceptions_exist():
    assert {label(model) for model in WITH_STATUS} >= DERIVED | FACTS
    assert not [label(model) for model in WITH_STATUS if label(model) in DERIVED | FACTS
                and states.table_of(model)]  # fmt: skip


@pytest.mark.parametrize("model", DECIDED, ids=label)
def test_the_table_holds_exactly_the_models_states(model):
    members = {value for value, _ in model._meta.get_field("status").flatchoices}
    moves = table(model)
    assert set(moves) == members
    assert set().union(*moves.values()) <= members


@pytest.mark.parametrize("model", DECIDED, ids=label)
def test_every_state_is_reached_from_the_first(model):
    moves = table(model)
    first = str(model._meta.get_field("status").default)
    reached, frontier = {first}, {first}
    while frontier:
        frontier = set().union(*(moves[state] for state in frontier)) - reached
        reached |= frontier
    assert reached == set(moves)


@pytest.mark.parametrize("model", DECIDED, ids=label)
def test_some_state_is_final_and_none_moves_to_itself(model):
    moves = table(model)
    assert any(not targets for targets in moves.values())
    assert not [state for state, targets in moves.items() if state in targets]


def _status_writes(module):
    for node in ast.walk(module.tree):
        targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr == "status":
                    yield node
    for call in calls(module.tree):
        writes = called(call) in {"update", "bulk_update", "update_or_create", "setattr"}
        if writes and any(keyword.arg == "status" for keyword in call.keywords):
            yield call


def test_a_status_is_written_only_by_the_mover():
    """In `config/kernel/api` a status is HTTP's."""
    wrong = [
        module.where(node)
        for module in modules()
        if module.name not in WRITERS and not module.name.startswith("config/kernel/api/")
        for node in _status_writes(module)
    ]
    assert wrong == []
