"""One line an error, whatever it quotes."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from tokensheet_addin.hosts.bridge.limits import MOST_LOG
from tokensheet_addin.tables import printable


class OneLine(logging.Formatter):
    """The time, the message, and of an exception what it is and where it arose, without what steers a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        said = record.getMessage()
        if record.exc_info and (error := record.exc_info[1]):
            said += f": {fault(error)}: {error}"
        text = printable(" ".join(said[: 2 * MOST_LOG].split()))
        return f"{self.formatTime(record)} {record.levelname} {text[:MOST_LOG]}"


def fault(error: BaseException) -> str:
    """What an exception is and where it arose."""
    frames = traceback.extract_tb(error.__traceback__)
    return type(error).__name__ + (f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "")


def log_to_stderr() -> None:
    """Everything that is logged here, and by the packages under us, goes to standard error so."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
