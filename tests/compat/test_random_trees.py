"""Random dependency trees, in which something may fail, behave alike on both frameworks."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from .case import Case, get
from .families.programs import Custom
from .framework import FASTAPI, TENURE

KINDS = ("function", "coroutine", "generator", "async_generator")
FAILURES = ("http", "handled", "plain")


@dataclass(frozen=True)
class Edge:
    """One `Depends`: on which node, and how."""

    node: int
    scope: str | None
    use_cache: bool = True


@dataclass(frozen=True)
class Node:
    kind: str
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class Tree:
    nodes: tuple[Node, ...]
    """Each depends on earlier ones only."""
    edges: tuple[Edge, ...]
    """Those of the endpoint."""
    required: tuple[Edge, ...]
    """Those of the decorator."""
    fails: tuple[str, int]
    """`setup` or `exit` of the node of that number, `endpoint`, or `nowhere`."""
    failure: str
    asynchronous: bool


def edges_to(
    count: int, *, at_least: int = 0, use_cache: st.SearchStrategy[bool]
) -> st.SearchStrategy[Any]:
    scopes = st.sampled_from([None, None, None, None, "function", "request"])
    edge = st.builds(Edge, st.integers(0, count - 1), scopes, use_cache)
    return st.lists(edge, min_size=at_least, max_size=at_least + 2).map(tuple)


@st.composite
def trees(draw: Any) -> Tree:
    count = draw(st.integers(2, 7))
    nodes: list[Node] = []
    for number in range(count):
        # Uncached children of cached nodes are a departure: only the endpoint has such edges.
        edges = draw(edges_to(number, use_cache=st.just(True))) if number else ()
        nodes.append(Node(draw(st.sampled_from([*KINDS, *KINDS[2:]])), edges))
    place = st.sampled_from(["setup", "exit", "endpoint", "nowhere"])
    return Tree(
        tuple(nodes),
        draw(edges_to(count, at_least=2, use_cache=st.booleans())),
        draw(edges_to(count, use_cache=st.just(True))),
        (draw(place), draw(st.integers(0, count - 1))),
        draw(st.sampled_from(FAILURES)),
        draw(st.booleans()),
    )


class Program:
    """The application of one tree on one framework."""

    def __init__(self, tree: Tree, web: Any, record: Callable[[str], None]) -> None:
        self.tree = tree
        self.web = web
        self.record = record
        self.calls: list[Any] = []
        for number in range(len(tree.nodes)):
            self.calls.append(self.call(number))

    def fail(self, *place: Any) -> None:
        if place == self.tree.fails:
            if self.tree.failure == "http":
                raise self.web.HTTPException(418, "tea")
            raise Custom("broken") if self.tree.failure == "handled" else KeyError("broken")

    def depends(self, edge: Edge) -> Any:
        return self.web.Depends(self.calls[edge.node], use_cache=edge.use_cache, scope=edge.scope)

    def signature(self, edges: tuple[Edge, ...]) -> inspect.Signature:
        kind = inspect.Parameter.KEYWORD_ONLY
        return inspect.Signature(
            [
                inspect.Parameter(f"p{number}", kind, default=self.depends(edge))
                for number, edge in enumerate(edges)
            ]
        )

    def call(self, number: int) -> Any:
        node = self.tree.nodes[number]

        def enter(mark: str, values: dict[str, Any]) -> str:
            self.record(f"{mark}{number}({','.join(values.values())})")
            self.fail("setup", number)
            return str(number)

        def leave() -> None:
            self.record(f"-{number}")
            self.fail("exit", number)

        def seen(error: BaseException) -> None:
            self.record(f"!{number}:{type(error).__name__}")

        def function(**values: Any) -> Any:
            return enter("", values)

        async def coroutine(**values: Any) -> Any:
            return enter("", values)

        def generator(**values: Any) -> Any:
            try:
                yield enter("+", values)
            except BaseException as error:
                seen(error)
                raise
            finally:
                leave()

        async def async_generator(**values: Any) -> Any:
            try:
                yield enter("+", values)
            except BaseException as error:
                seen(error)
                raise
            finally:
                leave()

        made: Any = {
            "function": function,
            "coroutine": coroutine,
            "generator": generator,
            "async_generator": async_generator,
        }[node.kind]
        made.__signature__ = self.signature(node.edges)
        return made

    def application(self) -> Any:
        app = self.web.FastAPI()

        @app.exception_handler(Custom)
        def handle(request: Any, error: Custom) -> Any:
            return self.web.responses.PlainTextResponse("custom", 512)

        def use(values: dict[str, Any]) -> Any:
            self.record(f"endpoint({','.join(values.values())})")
            self.fail("endpoint", self.tree.fails[1])
            return values

        def endpoint(**values: Any) -> Any:
            return use(values)

        async def async_endpoint(**values: Any) -> Any:
            return use(values)

        chosen: Any = async_endpoint if self.tree.asynchronous else endpoint
        chosen.__signature__ = self.signature(self.tree.edges)
        app.get("/", dependencies=[self.depends(edge) for edge in self.tree.required])(chosen)
        return app


def opens_wide_after_narrow(tree: Tree) -> bool:
    """Whether a request scope is reached after a function scope: there the order departs."""
    order: list[str] = []

    def walk(edges: tuple[Edge, ...]) -> None:
        for edge in edges:
            walk(tree.nodes[edge.node].edges)
            if "generator" in tree.nodes[edge.node].kind:
                order.append(edge.scope or "request")

    walk(tree.required + tree.edges)
    return "function" in order and "request" in order[order.index("function") :]


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(trees())
def test_random_trees(tree: Tree) -> None:
    assume(not opens_wide_after_narrow(tree))
    case = Case("random", lambda web, record: Program(tree, web, record).application(), get())
    fastapi, tenure = case.run(FASTAPI), case.run(TENURE)
    # The rules of scopes are transitive on one side only.
    assume(tenure.refused != "DependencyScopeError" or fastapi.refused is not None)
    difference = fastapi.difference(tenure, "fastapi", "tenure")
    assert not difference, difference
