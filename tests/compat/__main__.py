"""Compare by hand: `python -m tests.compat [--self] [--show] [words in the cases' names ...]`.

`--self` runs FastAPI against itself: what differs there cannot be compared. `--show` prints
FastAPI's answer to each case, for writing down what is stated about it.
"""

import sys
from collections.abc import Iterator

from .case import Case
from .families import DEPARTING, FAMILIES
from .framework import FASTAPI


def faults(case: Case, *, against_itself: bool) -> Iterator[str]:
    fastapi = case.by_fastapi()
    yield from (f"contract: {fault}" for fault in case.ask.stated.faults(fastapi))
    if against_itself:
        yield from filter(None, [fastapi.difference(case.run(FASTAPI), "fastapi", "again")])
    elif case.ask.tenure is not None:
        for fault in case.ask.tenure.faults(case.by_tenure()):
            yield f"departure: {fault}"
    else:
        yield from filter(None, [fastapi.difference(case.by_tenure(), "fastapi", "tenure")])


def main(arguments: list[str]) -> int:
    words = [word for word in arguments if not word.startswith("--")]
    checked = failed = 0
    for family in [*FAMILIES, *DEPARTING]:
        for case in family.cases:
            name = f"{family.name}-{case.name}"
            if words and not any(word in name for word in words):
                continue
            checked += 1
            if "--show" in arguments:
                print(f"=== {name}", *case.by_fastapi().lines(), sep="\n")
                print(f"order: {case.by_fastapi().timeline}")
                print(f"complaint: {case.by_fastapi().complaint}")
            found = list(faults(case, against_itself="--self" in arguments))
            failed += bool(found)
            if found:
                print(f"--- {name}", *found, sep="\n")
    print(f"{checked} cases, {failed} with faults")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
