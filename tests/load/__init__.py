"""What is run on demand and for longer than tests may last: `make soak`."""

import logging


def quiet() -> None:
    """Keep parsers from saying what is wrong with each of a million broken bodies."""
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
