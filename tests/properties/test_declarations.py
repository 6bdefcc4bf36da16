"""Random graphs, right and wrong: what is refused is exactly what breaks a rule."""

from inspect import Parameter, Signature
from typing import Annotated, Any

from hypothesis import given, note
from hypothesis import strategies as st

from tenure import Container, Depends, GraphError, ScopeError
from tests.properties.descriptions import Program, breaks_scopes, programs
from tests.properties.programs import load, text_of


@given(program=programs(faults=False, valid_scopes=False))
def test_scope_error_exactly_where_a_value_would_end_before_its_holder(program: Program) -> None:
    note(text_of(program))
    root = load(program)[f"node_{program.root}"]
    refused = False
    try:
        Container().explain(root)
    except ScopeError as error:
        refused = True
        assert error.faults
        assert {fault.kind for fault in error.faults} == {"scope"}
    assert refused == breaks_scopes(program)


@given(
    size=st.integers(1, 8),
    arrows=st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14),
)
def test_cycle_error_exactly_where_the_root_reaches_a_cycle(
    size: int, arrows: set[tuple[int, int]]
) -> None:
    below = {
        node: sorted({to for start, to in arrows if start == node and to < size})
        for node in range(size)
    }
    functions = [_function(node) for node in range(size)]
    for node, function in enumerate(functions):
        function.__signature__ = _signature(below[node], functions)
    refused = False
    try:
        Container().explain(functions[0])
    except GraphError as error:
        refused = True
        assert {fault.kind for fault in error.faults} == {"cycle"}
        for fault in error.faults:
            assert "◄─ the cycle begins here" in fault.chain
    assert refused == _reaches_cycle(below)


def _function(node: int) -> Any:
    async def function(**values: Any) -> None: ...

    function.__qualname__ = function.__name__ = f"node_{node}"
    return function


def _signature(targets: list[int], functions: list[Any]) -> Signature:
    return Signature(
        [
            Parameter(
                f"to_{to}",
                Parameter.KEYWORD_ONLY,
                annotation=Annotated[Any, Depends(functions[to])],
            )
            for to in targets
        ]
    )


def _reaches_cycle(below: dict[int, list[int]]) -> bool:
    reached, waiting = {0}, [0]
    while waiting:
        for to in below[waiting.pop()]:
            if to not in reached:
                reached.add(to)
                waiting.append(to)
    # What has no arrows left is taken away, until only cycles remain.
    left = {node: set(below[node]) & reached for node in reached}
    while ends := {node for node, targets in left.items() if not targets}:
        left = {node: targets - ends for node, targets in left.items() if node not in ends}
    return bool(left)
