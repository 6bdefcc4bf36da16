"""Annotations that are text: forward references, local names, names for type checkers only."""

from typing import Annotated, Any

from tenure import Container, Depends
from tests.engine import postponed
from tests.engine.support import only_fault_of, place_of, run


def get_number() -> int:
    return 1


async def forward(
    value: "Annotated[Forward, Depends()]", inner: Annotated["Forward", Depends()]
) -> bool:
    return value is inner


class Forward:
    def __init__(self, number: "int" = Depends(get_number)) -> None:
        self.number = number


def test_a_name_that_is_defined_later_in_the_module() -> None:
    assert run(forward) is True
    assert run(postponed.uses_what_comes_later) is True


def test_generic_classes_and_dataclasses_under_postponed_evaluation() -> None:
    assert run(postponed.uses_a_generic_class) is postponed.Later
    assert run(postponed.uses_a_dataclass) is postponed.Later


def test_names_of_a_factory_while_it_runs() -> None:
    results: list[Any] = []
    postponed.use_locally(lambda main: results.append(run(main)))
    assert results == [["Inner", "Outer"], ["Inner", "Outer"]]


def test_a_function_declared_while_its_factory_ran_is_known_ever_after() -> None:
    main = postponed.use_locally(Container().explain)
    assert run(main) == ["Inner", "Outer"]


def test_a_local_name_wins_over_one_of_the_module() -> None:
    results: list[Any] = []
    postponed.shadow(lambda main: results.append(run(main)))
    assert results == [True]


def test_the_innermost_of_several_local_names_wins() -> None:
    results: list[Any] = []
    postponed.shadow_twice(lambda main: results.append(run(main)))
    assert results == ["inner"]


def test_a_captured_name_is_known_after_the_factory_returned() -> None:
    assert run(postponed.make_main_that_captures()) is True


def test_a_local_name_that_is_gone_is_a_fault_that_says_so() -> None:
    main = postponed.make_main()
    fault = only_fault_of(main)
    assert fault.kind == "unresolved"
    assert "name 'Local' is not known" in fault.message
    assert f"arameter 'local' of main ({place_of(main)})" in fault.message
    assert "before the function that holds it has returned" in fault.hint


def test_types_for_checkers_only_beside_a_depends_are_not_needed() -> None:
    assert type(run(postponed.types_known_to_checkers_only)) is postponed.Later


def test_a_dependency_imported_for_checkers_only_is_a_fault() -> None:
    fault = only_fault_of(postponed.calls_what_checkers_know)
    assert fault.kind == "unresolved"
    assert "name 'nowhere' is not known" in fault.message
    assert "arameter 'a' of calls_what_checkers_know" in fault.message
    assert "TYPE_CHECKING" in fault.hint


def test_a_class_to_call_imported_for_checkers_only_is_a_fault() -> None:
    fault = only_fault_of(postponed.calls_a_type_that_checkers_know)
    assert fault.kind == "unresolved"
    assert "decimal" in fault.message


def test_an_argument_whose_type_checkers_know_is_a_fault() -> None:
    fault = only_fault_of(postponed.takes_a_type_that_checkers_know, "amount")
    assert fault.kind == "unresolved"
    assert "decimal" in fault.message


def test_a_name_is_found_once_it_exists() -> None:
    """A first declaration may fail because a module is still being imported."""
    names: dict[str, Any] = {"Annotated": Annotated, "Depends": Depends, "__name__": "partly"}
    exec("async def main(value: 'Annotated[Missing, Depends()]'): return value", names)
    assert only_fault_of(names["main"]).kind == "unresolved"
    exec("class Missing: pass", names)
    assert type(run(names["main"])) is names["Missing"]


def test_an_annotation_that_is_no_expression_is_a_fault_with_its_reason() -> None:
    async def main(value: Any) -> None: ...

    main.__annotations__["value"] = "Annotated[int, Depends("
    fault = only_fault_of(main, "value")
    assert fault.kind == "unresolved"
    assert "SyntaxError" in fault.message


def test_an_unknown_return_annotation_does_not_matter() -> None:
    def get_value() -> "Nowhere":  # type: ignore[name-defined]  # noqa: F821
        return 1

    async def main(value: int = Depends(get_value)) -> "Nowhere":  # type: ignore[name-defined]  # noqa: F821
        return value

    assert run(main) == 1
