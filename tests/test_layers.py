"""The house rule: imports go down only, and the core starts light."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_imports_go_down_only() -> None:
    command = Path(sys.executable).parent / "lint-imports"
    run = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_importing_the_core_does_not_import_what_is_heavy() -> None:
    code = "import sys, tokensheet; print(sorted({'pandas', 'openpyxl', 'xlsxwriter', 'xlwings'} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"
