"""The planner: which warehouse serves what, and against brute force."""

from itertools import combinations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from orders import planner

NORTH, MAIN, SOUTH = "north", "main", "south"


def ident(name):
    """A readable id: names sort as their ids do."""
    return UUID(bytes=str(name).encode().ljust(16, b"\0"))


def want(line, product, quantity):
    return planner.Want(ident(line), ident(product), quantity)


def supply(product, warehouse, available, priority=1):
    return planner.Supply(
        ident(f"{product}@{warehouse}"), ident(product), ident(warehouse), priority, available
    )


def told(plan):
    """The plan with names instead of ids."""
    taken = [(name(one.line_id), name(one.warehouse_id), one.quantity) for one in plan.allocations]
    return taken, {name(line): quantity for line, quantity in plan.short.items()}


def name(key):
    return key.bytes.rstrip(b"\0").decode()


def plan(wants, levels, **waiting):
    wait = {ident(product): quantity for product, quantity in waiting.items()}
    return planner.plan(wants=wants, levels=levels, waiting=wait)


def test_the_preferred_warehouse_serves_what_it_can_serve_whole():
    levels = [supply("cup", NORTH, 9, 2), supply("cup", MAIN, 5, 1), supply("cup", SOUTH, 9, 2)]
    assert told(plan([want("a", "cup", 5)], levels)) == ([("a", MAIN, 5)], {})
    assert told(plan([want("a", "cup", 6)], levels)) == ([("a", NORTH, 6)], {})


def test_an_allocation_names_line_level_and_warehouse():
    assert plan([want("a", "cup", 2)], [supply("cup", MAIN, 2)]).allocations == (
        planner.Allocation(ident("a"), ident("cup@main"), ident(MAIN), 2),
    )


def test_one_warehouse_for_all_comes_before_the_preferred_one():
    levels = [
        supply("cup", MAIN, 9, 1),
        supply("cup", SOUTH, 9, 3),
        supply("tin", SOUTH, 9, 3),
        supply("tin", NORTH, 9, 2),
    ]
    wants = [want("a", "cup", 1), want("b", "tin", 1)]
    assert told(plan(wants, levels)) == ([("a", SOUTH, 1), ("b", SOUTH, 1)], {})


def test_lines_of_one_product_are_summed():
    levels = [supply("cup", MAIN, 5, 1), supply("cup", NORTH, 6, 2)]
    wants = [want("a", "cup", 4), want("b", "cup", 2)]
    assert told(plan(wants, levels)) == ([("a", NORTH, 4), ("b", NORTH, 2)], {})


def test_a_line_splits_when_no_warehouse_has_all_of_it():
    levels = [supply("cup", MAIN, 5, 1), supply("cup", NORTH, 3, 2), supply("cup", SOUTH, 3, 3)]
    wants = [want("a", "cup", 3), want("b", "cup", 4)]
    assert told(plan(wants, levels)) == ([("a", MAIN, 3), ("b", MAIN, 2), ("b", NORTH, 2)], {})


def test_the_fewest_warehouses_win_over_the_preferred():
    levels = [supply("cup", MAIN, 2, 1), supply("cup", NORTH, 2, 2), supply("cup", SOUTH, 4, 3)]
    assert told(plan([want("a", "cup", 6)], levels))[0] == [("a", MAIN, 2), ("a", SOUTH, 4)]


def test_a_product_comes_whole_from_one_of_the_chosen():
    levels = [supply("cup", MAIN, 1, 1), supply("tin", MAIN, 5, 1), supply("cup", NORTH, 5, 2)]
    wants = [want("a", "cup", 5), want("b", "tin", 1)]
    assert told(plan(wants, levels)) == ([("a", NORTH, 5), ("b", MAIN, 1)], {})


def test_what_cannot_be_served_is_short_and_earlier_lines_come_first():
    levels = [supply("cup", MAIN, 3), supply("cup", NORTH, 2)]
    wants = [want("a", "cup", 4), want("b", "cup", 4), want("c", "tin", 1)]
    assert told(plan(wants, levels)) == (
        [("a", MAIN, 3), ("a", NORTH, 1), ("b", NORTH, 1)],
        {"b": 3, "c": 1},
    )


def test_a_short_order_still_uses_the_fewest_warehouses():
    levels = [supply("cup", MAIN, 2, 1), supply("cup", NORTH, 5, 2), supply("tin", NORTH, 1, 2)]
    wants = [want("a", "cup", 3), want("b", "tin", 4)]
    assert told(plan(wants, levels)) == ([("a", NORTH, 3), ("b", NORTH, 1)], {"b": 3})


def test_nothing_anywhere():
    levels = [supply("cup", MAIN, 0), supply("cup", NORTH, -2)]
    assert told(plan([want("a", "cup", 1)], levels)) == ([], {"a": 1})
    assert told(plan([want("a", "cup", 1)], [])) == ([], {"a": 1})
    assert told(plan([], [supply("cup", MAIN, 1)])) == ([], {})


def test_new_orders_queue_behind_waiting_demand():
    levels = [supply("cup", MAIN, 5, 1), supply("cup", NORTH, 3, 2), supply("tin", MAIN, 1, 1)]
    assert told(plan([want("a", "cup", 4)], levels, cup=4)) == ([("a", MAIN, 4)], {})
    assert told(plan([want("a", "cup", 4)], levels, cup=5)) == ([("a", MAIN, 3)], {"a": 1})
    assert told(plan([want("a", "cup", 4)], levels, cup=99)) == ([], {"a": 4})
    assert told(plan([want("a", "tin", 1)], levels, cup=99)) == ([("a", MAIN, 1)], {})


def test_waiting_demand_is_set_aside_in_the_least_preferred_warehouse():
    levels = [supply("cup", MAIN, 2, 1), supply("cup", NORTH, 5, 2)]
    assert told(plan([want("a", "cup", 4)], levels, cup=3)) == (
        [("a", MAIN, 2), ("a", NORTH, 2)],
        {},
    )


def test_equal_priorities_fall_back_on_the_id_whatever_the_order_given():
    levels = [supply("cup", SOUTH, 1), supply("cup", NORTH, 1), supply("cup", MAIN, 1)]
    answers = {plan([want("a", "cup", 2)], order).allocations for order in (levels, levels[::-1])}
    assert len(answers) == 1
    assert told(plan([want("a", "cup", 2)], levels))[0] == [("a", MAIN, 1), ("a", NORTH, 1)]


def test_many_warehouses_leave_no_needless_one():
    small = [supply("cup", f"w{number}", 1, 1) for number in range(4)]
    levels = [*small, supply("cup", NORTH, 4, 5), supply("tin", SOUTH, 3, 6)]
    levels += [supply("cup", SOUTH, 1, 6), supply("tin", MAIN, 1, 7)]
    wants = [want("a", "cup", 5), want("b", "tin", 3)]
    taken, short = told(plan(wants, levels))
    assert short == {}
    assert {warehouse for _, warehouse, _ in taken} == {NORTH, SOUTH}


def test_many_warehouses_with_one_piece_each_all_serve():
    levels = [supply("cup", f"w{number}", 1) for number in range(7)]
    taken, short = told(plan([want("a", "cup", 9)], levels))
    assert taken == [("a", f"w{number}", 1) for number in range(7)]
    assert short == {"a": 2}


PRODUCTS = ["cup", "jar", "tin"]
WANTS = st.lists(
    st.tuples(st.sampled_from(PRODUCTS), st.integers(1, 6)), min_size=1, max_size=5
).map(lambda rows: [want(f"l{place}", *row) for place, row in enumerate(rows)])


@st.composite
def levels_of(draw, most):
    warehouses = [f"w{number}" for number in range(draw(st.integers(0, most)))]
    priorities = {one: draw(st.integers(1, 3)) for one in warehouses}
    levels = [
        supply(product, one, draw(st.integers(-1, 6)), priorities[one])
        for one in warehouses
        for product in PRODUCTS
        if draw(st.booleans())
    ]
    return draw(st.permutations(levels))


WAITING = st.dictionaries(st.sampled_from(PRODUCTS), st.integers(0, 8))


def by_product(wants):
    return {
        product: sum(one.quantity for one in wants if one.product_id == product)
        for product in {one.product_id for one in wants}
    }


def offered(levels, waiting):
    """Per (product, warehouse) what is left after waiting demand, set aside from the back."""
    left = {ident(product): quantity for product, quantity in waiting.items()}
    stock = {}
    for one in sorted(levels, key=lambda level: (level.priority, level.warehouse_id))[::-1]:
        available = max(0, one.available)
        kept = min(available, left.get(one.product_id, 0))
        left[one.product_id] = left.get(one.product_id, 0) - kept
        stock[one.product_id, one.warehouse_id] = available - kept
    return stock


def units(demand, stock, warehouses):
    return sum(
        min(quantity, sum(stock.get((product, one), 0) for one in warehouses))
        for product, quantity in demand.items()
    )


def best(wants, levels, waiting):
    """The set of warehouses brute force would use: most units, fewest, preferred."""
    demand, stock = by_product(wants), offered(levels, waiting)
    ranked = sorted({(level.priority, level.warehouse_id) for level in levels})
    sets = [
        chosen
        for size in range(len(ranked) + 1)
        for chosen in combinations([key for _, key in ranked], size)
    ]
    most = units(demand, stock, [key for _, key in ranked])
    return next(chosen for chosen in sets if units(demand, stock, chosen) == most)


@given(wants=WANTS, levels=levels_of(5), waiting=WAITING)
def test_the_choice_is_what_brute_force_finds(wants, levels, waiting):
    made = plan(wants, levels, **waiting)
    assert {one.warehouse_id for one in made.allocations} == set(best(wants, levels, waiting))


@given(wants=WANTS, levels=levels_of(8), waiting=WAITING)
def test_every_plan_is_sound_and_serves_the_most(wants, levels, waiting):
    made = plan(wants, levels, **waiting)
    stock, products = offered(levels, waiting), {one.level_id: one.product_id for one in levels}
    for one in wants:
        served = [part for part in made.allocations if part.line_id == one.line_id]
        assert all(products[part.level_id] == one.product_id for part in served)
        assert sum(part.quantity for part in served) + made.short.get(one.line_id, 0) == (
            one.quantity
        )
    for level in levels:
        taken = sum(one.quantity for one in made.allocations if one.level_id == level.level_id)
        assert taken <= stock[level.product_id, level.warehouse_id]
    assert all(one.quantity > 0 for one in made.allocations)
    assert all(missing > 0 for missing in made.short.values())
    served = sum(one.quantity for one in made.allocations)
    assert served == units(by_product(wants), stock, {one.warehouse_id for one in levels})


@given(wants=WANTS, levels=levels_of(8), waiting=WAITING)
def test_the_order_of_the_levels_does_not_matter(wants, levels, waiting):
    assert plan(wants, levels, **waiting) == plan(wants, levels[::-1], **waiting)
