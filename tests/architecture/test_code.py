"""What the code may and may not do, read from its syntax."""

import ast
import warnings

import pytest

from tests.architecture.code import APPS, DOORS, ROOT, Module, called, calls, functions, modules

FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc"}
MAX_LINES, MAX_STATEMENTS = 400, 30
# Writing: only services do it. `update` of a dict or a set is told apart by its receiver.
WRITES = {"save", "create", "delete", "bulk_create", "bulk_update", "get_or_create",
          "update_or_create", "select_for_update"}  # fmt: skip


def in_room(*rooms):
    return [module for module in modules() if module.room() in rooms]


def by_name(module):
    return module.name


def _queryset_update(call):
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    return called(call) == "update" and isinstance(receiver, (ast.Call, ast.Attribute))


@pytest.mark.parametrize("module", in_room(*DOORS), ids=by_name)
def test_a_door_writes_nothing_itself(module):
    """Parse, call one service, answer. Master data is saved by the console's forms."""
    wrong = [
        module.where(call)
        for call in calls(module.tree)
        if (called(call) in WRITES and not _on_super_or_form(call)) or _queryset_update(call)
    ]
    assert wrong == []


def _on_super_or_form(call):
    receiver = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    return receiver in {"super()", "form", "formset", "self.form"}


def test_only_commands_open_transactions():
    openers = {
        module.name
        for module in modules()
        if module.parts[0] in APPS or module.name.startswith("config/kernel/")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"atomic", "commit", "rollback", "set_autocommit", "savepoint"}
        and ast.unparse(node.value) in {"transaction", "connection", "connections"}
    }
    assert openers == {"config/kernel/commands.py"}


def _public(module):
    return [
        node
        for node in module.tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name[0] != "_"
    ]


def _is_command(function):
    return any("command" in ast.unparse(decorator) for decorator in function.decorator_list)


@pytest.mark.parametrize("module", in_room("services"), ids=by_name)
def test_a_service_is_keyword_only_annotated_and_documented(module):
    wrong = []
    for function in _public(module):
        arguments = function.args
        given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        if _is_command(function) and (arguments.posonlyargs or arguments.args):
            wrong.append(f"{function.name}: positional arguments")
        if any(one.annotation is None for one in given) or function.returns is None:
            wrong.append(f"{function.name}: not annotated")
        if not ast.get_docstring(function):
            wrong.append(f"{function.name}: no promise")
    assert wrong == []


@pytest.mark.parametrize("module", in_room("services"), ids=by_name)
def test_a_service_is_told_the_moment(module):
    clocks = {"timezone.now", "datetime.now", "date.today", "time.time", "datetime.utcnow"}
    assert [
        module.where(call) for call in calls(module.tree) if ast.unparse(call.func) in clocks
    ] == []


@pytest.mark.parametrize("module", in_room("queries"), ids=by_name)
def test_a_query_changes_nothing(module):
    wrong = [
        module.where(call)
        for call in calls(module.tree)
        if called(call) in WRITES or _queryset_update(call)
    ]
    assert wrong == []


@pytest.mark.parametrize("module", in_room("models"), ids=by_name)
def test_a_model_overrides_no_save_and_orders_by_nothing(module):
    wrong = [
        module.where(function)
        for function in functions(module.tree)
        if function.name in {"save", "delete", "clean"}
    ]
    wrong += [
        module.where(node)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ordering"
    ]
    assert wrong == []


def _tasks(module):
    return [
        function
        for function in functions(module.tree)
        if any("shared_task" in ast.unparse(one) for one in function.decorator_list)
    ]


TASKS = [module for module in modules() if module.parts[-1] == "tasks" or "tasks" in module.parts]


@pytest.mark.parametrize("module", TASKS, ids=by_name)
def test_a_task_takes_plain_keywords(module):
    plain = {"str", "int", "bool", "list[str]", "str | None", "int | None"}
    wrong = [
        module.where(function)
        for function in _tasks(module)
        if function.args.args
        or any(ast.unparse(one.annotation or ast.Name("?")) not in plain
               for one in function.args.kwonlyargs)
    ]  # fmt: skip
    assert wrong == []


def test_no_module_is_named_for_nothing():
    names = {part for module in modules() for part in module.parts}
    assert names & FORBIDDEN_NAMES == set()


@pytest.mark.parametrize("module", modules(), ids=by_name)
def test_a_module_says_what_it_is_for(module):
    assert not module.text.strip() or ast.get_docstring(module.tree)


def test_nothing_is_left_to_be_done():
    marks = ("TO" + "DO", "FIX" + "ME", "X" + "XX")
    wrong = [
        f"{module.name}:{number}"
        for module in modules()
        for number, line in enumerate(module.text.splitlines(), 1)
        if any(mark in line for mark in marks) or "raise NotImplementedError" in line
    ]
    assert wrong == []


def test_sizes_are_watched():
    """A ratchet that warns: a good function is not cut in two to please it."""
    for module in modules():
        lines = len(module.text.splitlines())
        if lines > MAX_LINES:
            _warn(f"{module.name} has {lines} lines")
        for function in functions(module.tree):
            statements = sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1
            if statements > MAX_STATEMENTS:
                _warn(f"{module.where(function)} {function.name} has {statements} statements")


def _warn(text):
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.warn(text, stacklevel=2)


def test_the_rules_bite():
    """The readers above find what they are meant to find."""
    door = ast.parse("Order.objects.filter(pk=1).update(name='x')\norder.save()\n{}.update(a=1)")
    found = [
        called(call) for call in calls(door) if called(call) in WRITES or _queryset_update(call)
    ]
    assert sorted(found) == ["save", "update"]
    assert Module(ROOT / "orders/services/x.py").room() == "services"
    assert Module(ROOT / "orders/handlers.py").room() == "handlers"
    assert Module(ROOT / "config/urls.py").room() == ""
