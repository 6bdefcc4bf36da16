"""Measure Tenure against its peers and against hand-written code.

make bench                          all of it; renews docs/benchmarks.json and .svg
make bench ARGS=--quick             a first impression in a minute
make bench ARGS="--only engine"     one part
make bench ARGS=--strict            exit status 1 when a target is missed
"""

import sys
from pathlib import Path

# Started by its file, a program finds its own folder first, where modules are called as others
# are elsewhere (`requests`); they are to be found as parts of the package only.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks.command import main  # noqa: E402

if __name__ == "__main__":
    main()
