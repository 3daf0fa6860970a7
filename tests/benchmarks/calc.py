"""A Calc that recalculates workbooks again and again: a path on stdin, and after a hard recalculation a line on stdout.

python3 calc.py tokensheet.oxt
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))

from hosts.libreoffice import office, option


def main() -> None:
    documents: dict[str, Any] = {}
    with office(Path(sys.argv[1])) as (_, desktop):
        for path in map(str.strip, sys.stdin):
            if path not in documents:
                address = Path(path).as_uri()
                documents[path] = desktop.loadComponentFromURL(address, "_blank", 0, (option("Hidden", True),))
            documents[path].calculateAll()
            print(documents[path].Sheets[0].getCellByPosition(1, 0).Value, flush=True)


if __name__ == "__main__":
    main()
