"""What the drivers in Python share."""

import json
import sys
from importlib import metadata


def run(distribution, accept):
    """Calls `accept` for each case of the file that is named; what it raises is a rejection, what it returns is said."""
    results = []
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    for case in cases:
        try:
            results.append({"accepted": True, "said": accept(case) or ""})
        except Exception as error:  # noqa: BLE001, whatever it is, it is not accepted
            results.append({"accepted": False, "said": f"{type(error).__name__}: {error}"})
    print(json.dumps({"version": metadata.version(distribution), "results": results}))


def absent(error):
    """Says that a library is not installed."""
    print(error)
    sys.exit(77)
