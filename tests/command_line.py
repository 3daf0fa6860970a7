"""The command line as tests call it: the script in a process of its own, or here, without a second of imports."""

import os
import subprocess
import sys
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from tokensheet_addin.cli import main

TOKENSHEET = Path(sys.executable).parent / "tokensheet"
WIDE = {"COLUMNS": "200"}
Done = subprocess.CompletedProcess[str]


def run(*args: str, cwd: Path | None = None) -> Done:
    return subprocess.run([TOKENSHEET, *args], cwd=cwd, capture_output=True, text=True, env=WIDE)


def run_here(*args: str, cwd: Path | None = None) -> Done:
    """The same in this process; not for what changes it, such as `--catalogue`."""
    argv, out, err = ["tokensheet", *args], StringIO(), StringIO()
    settings = (chdir(cwd or Path.cwd()), patch.dict(os.environ, WIDE), patch.object(sys, "argv", argv))
    with ExitStack() as stack:
        for each in (*settings, redirect_stdout(out), redirect_stderr(err)):
            stack.enter_context(each)
        try:
            main()
        except SystemExit as ended:
            return Done(argv, int(ended.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("the command line did not end")
