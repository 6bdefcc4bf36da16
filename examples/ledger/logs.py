"""The log: one line for each thing that opens and closes."""

import logging
import sys

pool = logging.getLogger("ledger.pool")
session = logging.getLogger("ledger.session")
work = logging.getLogger("ledger.work")
cursor = logging.getLogger("ledger.cursor")
feed = logging.getLogger("ledger.feed")
audit = logging.getLogger("ledger.audit")


def configure() -> None:
    """Write everything from INFO up to standard error, the server's lines in the same form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        logging.Formatter("{asctime}.{msecs:03.0f} {name:<14} {message}", "%H:%M:%S", style="{")
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
