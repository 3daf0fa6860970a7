"""What answers rest on besides their arguments: files of one's own, and the day of prices.

They are a process's own. What is computed elsewhere or later has to be by those that counted where it was asked for.
"""

from __future__ import annotations

import os
import sys
import threading

from tokensheet.as_of import AS_OF, use_prices
from tokensheet.catalogue import OWN_FILES, use_catalogue
from tokensheet.own_constants import OWN_FILE, use_calibration

Settings = tuple[tuple[str, ...], str, str]

adopting = threading.Lock()


def settings() -> Settings:
    """The files of chips and models, the file of constants, each by its whole path, and the day."""
    files = filter(None, os.environ.get(OWN_FILES, "").split(os.pathsep))
    constants = os.environ.get(OWN_FILE, "")
    return tuple(map(os.path.abspath, files)), constants and os.path.abspath(constants), os.environ.get(AS_OF, "")


def adopt(wanted: Settings) -> None:
    """Have these count in a worker of Dask; anywhere else an error where others do.

    Raises
    ------
    ValueError
        If they are others here, since they were changed after a question whose answers are asked for now.
    """
    if settings() == wanted:
        return
    if not in_worker():
        raise ValueError("the catalogue, the constants or the day of prices changed since this was asked; ask again")
    with adopting:
        files, constants, day = wanted
        use_prices(day)
        use_catalogue(*files)
        use_calibration(constants)


def in_worker() -> bool:
    """Whether this is a task of a worker of Dask's."""
    worker = sys.modules.get("distributed.worker")
    try:
        return worker is not None and worker.get_worker() is not None
    except ValueError:
        return False
