"""``tenure run``: the application under uvicorn."""

from __future__ import annotations

from dataclasses import dataclass

from tenure.ext.cli.loading import Target, UsageProblem, load
from tenure.web.applications import App

__all__ = ["ServerOptions", "serve"]


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """What is handed on to the server; None leaves it its own default."""

    host: str
    port: int
    reload: bool
    workers: int | None
    root_path: str
    log_level: str | None
    factory: bool


def serve(target: Target, options: ServerOptions) -> None:
    """Serve until the process is told to stop.

    Raises what ``load`` raises, before any port is opened; ``UsageProblem`` without uvicorn.
    """
    try:
        import uvicorn
    except ImportError as error:
        raise UsageProblem(
            'uvicorn is not installed: pip install "tenure[standard]" brings it'
        ) from error
    if options.reload and options.workers is not None:
        raise UsageProblem("--reload and --workers exclude each other")
    name, is_factory = f"{target.module}:{target.attribute}", options.factory
    if target.attribute is None or not options.reload:
        # With --reload a module that is broken just now is waited for, so it is not loaded here.
        loaded = load(target, is_factory=options.factory)
        if isinstance(loaded.app, App):
            loaded.app.router.check()  # what the start would raise, without a traceback
        name, is_factory = loaded.target, loaded.is_factory
    uvicorn.run(
        name,
        factory=is_factory,
        app_dir=target.folder,
        host=options.host,
        port=options.port,
        reload=options.reload,
        reload_dirs=[target.folder] if options.reload else None,
        workers=options.workers,
        root_path=options.root_path,
        log_level=options.log_level,
    )
