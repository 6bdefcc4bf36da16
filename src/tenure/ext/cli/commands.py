"""The commands and their options."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

import tenure
from tenure.errors import GraphError
from tenure.ext.cli.check.collecting import Report, check
from tenure.ext.cli.check.reports import as_github, as_json
from tenure.ext.cli.check.sarif import as_sarif
from tenure.ext.cli.drawing import GraphFormat, draw, format_for
from tenure.ext.cli.loading import ImportFailed, Loaded, UsageProblem, find_target, load
from tenure.ext.cli.routes import select, table_of
from tenure.ext.cli.serving import ServerOptions, serve
from tenure.ext.cli.terminal import complain, show_report, show_source, write
from tenure.ext.cli.trial.asking import TrialFormat, headers_of, methods_of, show_trial
from tenure.ext.cli.trial.records import read_requests
from tenure.ext.cli.trial.running import ProgramFailed, Trial, run_trial
from tenure.web.app.deferral import faults_collected

__all__ = ["ReportFormat", "application", "run_command"]


class ReportFormat(StrEnum):
    """How ``tenure check`` says what it found."""

    text = "text"
    json = "json"
    sarif = "sarif"
    github = "github"


application = typer.Typer(
    name="tenure",
    help="Run, draw and check applications made with Tenure.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

AppArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[MODULE:APP]",
        help="The application: package.module:app, a module, or a file. "
        "By default main.py, app.py or api.py.",
        show_default=False,
    ),
]
AppNeeded = Annotated[
    str,
    typer.Argument(
        metavar="MODULE:APP",
        help="The application: package.module:app, a module, or a file.",
        show_default=False,
    ),
]
Factory = Annotated[
    bool, typer.Option("--factory", help="What is named is a function that makes the application.")
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to FILE.", show_default=False),
]


def run_command(arguments: Sequence[str]) -> int:
    """Run the command and answer its exit status: 2 where it was used wrongly."""
    command: Any = typer.main.get_command(application)
    try:
        result = command.main(
            list(arguments) or ["--help"], prog_name="tenure", standalone_mode=False
        )
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except typer.Exit as ended:
        return ended.exit_code
    except UsageProblem as problem:
        complain(str(problem))
        return 2
    except (ImportFailed, ProgramFailed) as failure:
        complain(str(failure))
        return 1
    except GraphError as error:
        complain(str(error))
        return 1
    except Exception as error:
        message = getattr(error, "format_message", None)
        if message is None:
            raise
        complain(" ".join(message().split()) or "see tenure --help")
        return 2
    return result if isinstance(result, int) else 0


def _print_version(wanted: bool) -> None:
    if wanted:
        write(f"tenure {tenure.__version__}\n")
        raise typer.Exit


@application.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    """Run, draw and check applications made with Tenure."""


@application.command()
def run(
    app: AppArgument = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")
    ] = 8000,
    reload: Annotated[
        bool, typer.Option("--reload", help="Start again whenever a file changes.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="How many processes.", show_default=False)
    ] = None,
    root_path: Annotated[
        str, typer.Option(help="The path under which a proxy serves it.", show_default=False)
    ] = "",
    log_level: Annotated[
        str | None,
        typer.Option(
            metavar="LEVEL",
            help="critical, error, warning, info, debug or trace.",
            show_default=False,
        ),
    ] = None,
    factory: Factory = False,
) -> None:
    """Serve an application with uvicorn."""
    serve(
        find_target(app),
        ServerOptions(host, port, reload, workers, root_path, log_level, factory),
    )


@application.command()
def graph(
    app: AppNeeded,
    route: Annotated[
        str | None,
        typer.Argument(
            metavar="[ROUTE]",
            help='One route only: "GET /items/{id}", a path, or the name of the endpoint.',
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        GraphFormat | None,
        typer.Option(
            "--format",
            "-f",
            help="By default what the name of the output says, else a tree.",
            show_default=False,
        ),
    ] = None,
    output: Output = None,
    factory: Factory = False,
) -> None:
    """Draw what the routes depend on: kinds, scopes, places, what is shared."""
    rows = table_of(_loaded(app, is_factory=factory).app)
    draw(select(rows, route) if route is not None else rows, format_for(format, output), output)


@application.command()
def explain(
    app: AppNeeded,
    route: Annotated[
        str,
        typer.Argument(
            metavar="ROUTE",
            help='"GET /items/{id}", a path, or the name of the endpoint.',
            show_default=False,
        ),
    ],
    factory: Factory = False,
) -> None:
    """Show the source of the function that serves a route."""
    rows = table_of(_loaded(app, is_factory=factory).app)
    for row in select(rows, route):
        show_source(row.title, row.explain())


@application.command("check")
def check_command(
    app: AppNeeded,
    format: Annotated[
        ReportFormat, typer.Option("--format", "-f", help="How the findings are written.")
    ] = ReportFormat.text,
    output: Output = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with status 1 for warnings, too.")
    ] = False,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="RULE", help="Leave a rule out; may be repeated.", show_default=False),
    ] = None,
    notes: Annotated[
        bool, typer.Option("--notes", help="Show the notes: worker threads, route by route.")
    ] = False,
    factory: Factory = False,
) -> None:
    """Find everything that would go wrong, in all routes at once, without serving.

    Ends with status 1 when there are errors.
    """
    report = check(find_target(app), is_factory=factory, ignored=ignore or ())
    try:
        if format is ReportFormat.text:
            show_report(report, output, with_notes=notes)
        else:
            write(_written(report, format, with_notes=notes), output)
    except OSError as error:
        raise UsageProblem(f"{output} cannot be written: {error.strerror}") from error
    if report.count("error") or (strict and report.count("warning")):
        raise typer.Exit(1)


RequestsFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Recorded requests, one JSON object a line: method, path, headers, body. "
        "By default they are made from the OpenAPI document.",
        show_default=False,
    ),
]
Method = Annotated[
    list[str] | None,
    typer.Option(
        metavar="METHOD",
        help="Make requests of this method only; may be repeated.",
        show_default=False,
    ),
]
Header = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME:VALUE",
        help="Add a header to the requests that are made; may be repeated.",
        show_default=False,
    ),
]
IgnoredHeader = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Let a header differ; may be repeated.", show_default=False),
]


@application.command("try")
def try_command(
    app: AppNeeded,
    requests: RequestsFile = None,
    method: Method = None,
    header: Header = None,
    ignore_header: IgnoredHeader = None,
    repeat: Annotated[
        int, typer.Option(min=0, help="How often GETs are sent again, to be timed.")
    ] = 20,
    seconds: Annotated[float, typer.Option(help="What one request may take at most.")] = 30.0,
    format: Annotated[
        TrialFormat, typer.Option("--format", "-f", help="How the comparison is written.")
    ] = TrialFormat.text,
    output: Output = None,
    factory: Factory = False,
) -> None:
    """Run a FastAPI program on FastAPI and on Tenure, and compare their answers.

    The program is imported as it is, in two processes. Ends with status 1 when answers differ.
    """
    trial = Trial(
        app,
        is_factory=factory,
        requests=None if requests is None else read_requests(requests),
        methods=methods_of(method),
        headers=headers_of(header),
        ignored_headers=tuple(ignore_header or ()),
        repeat=repeat,
        seconds=seconds,
    )
    if show_trial(run_trial(trial), format, output):
        raise typer.Exit(1)


def _written(report: Report, format: ReportFormat, *, with_notes: bool) -> str:
    if format is ReportFormat.json:
        return as_json(report)
    if format is ReportFormat.sarif:
        return as_sarif(report)
    return as_github(report, with_notes=with_notes)


def _loaded(text: str, *, is_factory: bool) -> Loaded:
    with faults_collected():  # what is asked for is said, whatever is wrong elsewhere
        return load(find_target(text), is_factory=is_factory)
