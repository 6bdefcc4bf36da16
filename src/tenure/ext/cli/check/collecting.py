"""Load an application, go through all its routes, and collect what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tenure.errors import Fault, GraphError
from tenure.ext.cli.check.contradictions import contradictions
from tenure.ext.cli.check.documents import faults_of_document
from tenure.ext.cli.check.doubles import opened_twice
from tenure.ext.cli.check.findings import Finding, finding_of_fault, merged, split_place
from tenure.ext.cli.check.limits import never_free
from tenure.ext.cli.check.order import unreachable
from tenure.ext.cli.check.streams import closed_early
from tenure.ext.cli.check.threads import hops_of, threads
from tenure.ext.cli.loading import ImportFailed, Target, load
from tenure.ext.cli.routes import Row, applications_of, table_of
from tenure.web.app.deferral import faults_collected

__all__ = ["Report", "check"]


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and what is wrong with it."""

    findings: Sequence[Finding]
    thread_hops: dict[str, int]
    """For each route that could be read, how often a request goes to a worker thread."""
    routes: int
    """How many routes were looked at."""

    def count(self, level: str) -> int:
        """How many findings are of *level*."""
        return sum(1 for each in self.findings if each.level == level)


def check(target: Target, *, is_factory: bool = False, ignored: Collection[str] = ()) -> Report:
    """Everything that is wrong with the application, but for the rules *ignored*.

    Raises ``UsageProblem`` when there is no such application.
    """
    hops: dict[str, int] = {}
    findings: list[Finding] = []
    rows: list[Row] = []
    app: Any = None
    with faults_collected() as faults:
        try:
            app = load(target, is_factory=is_factory).app
            rows = table_of(app)
        except GraphError as error:
            findings += _of_faults([*faults, *error.faults])
        except ImportFailed as error:
            findings += [*_of_faults(faults), _of_import(error)]
        for row in rows:
            findings += _of_route(row, hops)
        findings += unreachable(rows)
        if rows and not any(each.level == "error" for each in findings):
            for part, prefix in applications_of(app):
                findings += faults_of_document(part, prefix)
        findings += _of_faults(faults)
    kept = merged(each for each in findings if each.rule not in ignored)
    return Report(kept, hops, len(rows))


def _of_route(row: Row, thread_hops: dict[str, int]) -> Iterator[Finding]:
    try:
        row.route.check()
        graph = row.graph()
        plan = row.plan()
    except GraphError as error:
        yield from (finding_of_fault(fault, row.title) for fault in error.faults)
        return
    except Exception as error:
        yield _of_failure(row, error)
        return
    hops = hops_of(plan)
    thread_hops[row.title] = len(hops)
    yield from opened_twice(graph, row.title)
    yield from contradictions(graph, row.title)
    yield from closed_early(graph, row)
    yield from never_free(graph, plan, row.title)
    note = threads(hops, plan, row.title)
    if note is not None:
        yield note


def _of_faults(faults: Sequence[Fault]) -> Sequence[Finding]:
    return [finding_of_fault(fault) for fault in faults]


def _of_import(error: ImportFailed) -> Finding:
    file, line = split_place(error.place)
    return Finding("import", "error", f"{error}.", "let the import succeed first", "", file, line)


def _of_failure(row: Row, error: Exception) -> Finding:
    endpoint = row.route.endpoint_context if hasattr(row.route, "endpoint_context") else {}
    return Finding(
        rule="route",
        level="error",
        message=f"{row.title} cannot be made ready: {type(error).__name__}: {error}",
        file=str(endpoint.get("file", "")),
        line=endpoint.get("line"),
        routes=(row.title,),
    )
