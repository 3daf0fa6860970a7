"""LibreOffice Calc as a host: workbooks and formulas in, values out.

`LibreOffice` is what tests use. It runs this same file with the Python that has `uno`,

    python3 libreoffice.py [tokensheet.oxt]

which starts a private headless Calc and answers one JSON line on stdout for each on stdin, {"workbook": path} with
"pdf": path to print it too, or "changes": {"Sheet!A1": number or text} to type into it before:
{"cells": {"Sheet!A1": number, text or {"error": "#DIV/0!"}}} for every formula cell;
{"read": path}: {"texts": {"Sheet!A1": text}, "formulas": ["Sheet!A1", …], "links": number} of a file as it opens;
{"basic": source, "calls": [[function, arguments], …]}: {"results": […]}; or {"failure": traceback}. At the end of stdin
it closes.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PYTHON = "/usr/bin/python3"  # Debian's python3-uno is for this one
STRING, FORMULA = 4, 16  # com.sun.star.sheet.CellFlags
CSV = "44,34,76,1,,0,false,true,false,false,false,0,true"  # commas, UTF-8; what looks like a formula is one
LONGEST = 300  # seconds that a request may take


class LibreOffice:
    """Calc with the extension and, where a test wants it, another one without; each starts when first needed."""

    def __init__(self, oxt: Path, folder: Path) -> None:
        self.oxt, self.folder = oxt, folder
        self.hosts: dict[bool, subprocess.Popen[str]] = {}

    def recalculate(
        self, workbook: Path, with_addin: bool = True, pdf: Path | None = None, changes: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Every formula cell after some changes and a hard recalculation; an error is {"error": "#DIV/0!"}."""
        request = {"workbook": str(workbook), "pdf": pdf and str(pdf), "changes": changes or {}}
        return self.ask(with_addin, request)["cells"]

    def read(self, file: Path) -> dict[str, Any]:
        """What a workbook or CSV file holds as it opens: its texts, its formulas' places, its links to elsewhere."""
        return self.ask(False, {"read": str(file)})

    def basic(self, source: str, *calls: tuple[str, *tuple[Any, ...]]) -> list[Any]:
        """What functions of a module in Basic, with VBA's dialect, return."""
        request = {"basic": source, "calls": [[name, args] for name, *args in calls]}
        return self.ask(True, request)["results"]

    def ask(self, with_addin: bool, request: dict[str, Any]) -> Any:
        if with_addin not in self.hosts:
            self.hosts[with_addin] = self.start(with_addin)
        host = self.hosts[with_addin]
        assert host.stdin
        assert host.stdout
        print(json.dumps(request), file=host.stdin, flush=True)
        answer = json.loads(host.stdout.readline() or '{"failure": "the host has ended"}')
        if "failure" in answer:
            raise RuntimeError(answer["failure"])
        return answer

    def evaluate(self, formula: str, rows: int = 1, columns: int = 1, cells: dict[str, Any] | None = None) -> Any:
        """A formula's value, or the rows of an array formula's; an error as its text. It may refer to given `cells`."""
        import xlsxwriter

        path = self.folder / "formula.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet, given = book.add_worksheet("Formula"), book.add_worksheet("Sheet1")
            for place, value in (cells or {}).items():
                given.write(place, value)
            if rows == columns == 1:
                sheet.write_formula(0, 0, formula)
            else:
                sheet.write_array_formula(0, 0, rows - 1, columns - 1, f"{{{formula}}}")
        found = self.recalculate(path)
        path.unlink()
        texts = {place: value["error"] if isinstance(value, dict) else value for place, value in found.items()}
        block = [[texts[f"Formula!{letters(column)}{row + 1}"] for column in range(columns)] for row in range(rows)]
        return block if rows > 1 or columns > 1 else block[0][0]

    def start(self, with_addin: bool) -> subprocess.Popen[str]:
        # No PYTHONPATH, and no virtual environment first on PATH, where LibreOffice's Python would look for its home:
        # it is to find what the extension brings along, not the sources. English errors.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment |= {"PATH": os.pathsep.join(["/usr/local/bin", "/usr/bin", "/bin"]), "LC_ALL": "C.UTF-8"}
        command = [PYTHON, __file__, *([str(self.oxt)] if with_addin else [])]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)

    def close(self) -> None:
        for host in self.hosts.values():
            host.communicate()


@contextmanager
def office(oxt: Path | None) -> Iterator[tuple[subprocess.Popen[bytes], Any]]:
    """A LibreOffice with its own profile and no extension but ours: its process, which it ends, and its desktop."""
    import uno

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        extensions = home / "extensions"
        extensions.mkdir()
        if oxt:
            with zipfile.ZipFile(oxt) as archive:
                archive.extractall(extensions / "tokensheet")
        address = f"pipe,name=tokensheet{os.getpid()};urp;StarOffice.ComponentContext"
        process = subprocess.Popen(
            [
                "soffice",
                "--headless",
                "--norestore",
                "--nologo",
                "--nodefault",
                f"--accept={address}",
                f"-env:UserInstallation={(home / 'profile').as_uri()}",
                f"-env:BUNDLED_EXTENSIONS={extensions.as_uri()}",  # needs no unopkg, and works as root
            ],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            start_new_session=True,
        )
        desktop = None
        try:
            desktop = connect(process, uno.getComponentContext(), f"uno:{address}")
            yield process, desktop
        finally:
            stop(process, desktop)


def connect(process: subprocess.Popen[bytes], context: Any, address: str) -> Any:
    from com.sun.star.connection import NoConnectException

    resolver = context.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    for _ in range(600):
        try:
            remote = resolver.resolve(address)
            return remote.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", remote)
        except NoConnectException:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError("soffice did not start")


def stop(process: subprocess.Popen[bytes], desktop: Any) -> None:
    from com.sun.star.uno import Exception as UnoException

    try:
        if desktop:
            desktop.terminate()
            process.wait(20)
    except (UnoException, subprocess.TimeoutExpired):
        pass
    if process.poll() is None:
        kill(process)
        process.wait()


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)  # soffice starts helpers; all are in the session we gave it


def answer(desktop: Any, workbook: str, pdf: str | None, changes: dict[str, Any]) -> dict[str, Any]:
    """Every formula cell of a workbook after a hard recalculation, whatever values the file carries."""
    document = desktop.loadComponentFromURL(Path(workbook).resolve().as_uri(), "_blank", 0, (option("Hidden", True),))
    if document is None:
        raise ValueError(f"LibreOffice cannot read {workbook}")
    try:
        for place, value in changes.items():  # which passes validation by, as pasting does
            sheet, _, address = place.partition("!")
            cell = document.Sheets.getByName(sheet).getCellRangeByName(address)
            cell.setString(value) if isinstance(value, str) else cell.setValue(value)
        document.calculateAll()
        if pdf:
            document.storeToURL(Path(pdf).resolve().as_uri(), (option("FilterName", "calc_pdf_Export"),))
        return {place: value for sheet in document.Sheets for place, value in formula_cells(sheet)}
    finally:
        document.close(True)


def read(desktop: Any, file: str) -> dict[str, Any]:
    """What stands in a file before anything is computed; a formula in a CSV file is one."""
    options = [option("Hidden", True)]
    if file.endswith(".csv"):
        options += [option("FilterName", "Text - txt - csv (StarCalc)"), option("FilterOptions", CSV)]
    document = desktop.loadComponentFromURL(Path(file).resolve().as_uri(), "_blank", 0, tuple(options))
    if document is None:
        raise ValueError(f"LibreOffice cannot read {file}")
    try:
        texts: dict[str, str] = {}
        formulas: list[str] = []
        for sheet in document.Sheets:
            values = used(sheet).getDataArray()
            for column, row in places(sheet.queryContentCells(STRING)):
                texts[f"{sheet.Name}!{letters(column)}{row + 1}"] = values[row][column]
            cells = places(sheet.queryContentCells(FORMULA))
            formulas += [f"{sheet.Name}!{letters(column)}{row + 1}" for column, row in cells]
        kinds = (document.AreaLinks, document.DDELinks, document.ExternalDocLinks)
        return {"texts": texts, "formulas": formulas, "links": sum(links.getCount() for links in kinds)}
    finally:
        document.close(True)


def run_basic(desktop: Any, source: str, calls: list[list[Any]]) -> list[Any]:
    """What the functions of a module return, in a document of their own."""
    options = (option("Hidden", True), option("MacroExecutionMode", 4))  # ALWAYS_EXECUTE_NO_WARN
    document = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, options)
    try:
        document.BasicLibraries.createLibrary("Tried").insertByName("Module", f"Option VBASupport 1\n{source}")
        scripts, where = document.getScriptProvider(), "vnd.sun.star.script:Tried.Module.{}?language=Basic&location="
        found = [scripts.getScript(f"{where.format(name)}document") for name, _ in calls]
        return [script.invoke(uno_value(args), (), ())[0] for script, (_, args) in zip(found, calls, strict=True)]
    finally:
        document.close(True)


def uno_value(value: Any) -> Any:
    return tuple(map(uno_value, value)) if isinstance(value, list) else value


def formula_cells(sheet: Any) -> Iterator[tuple[str, Any]]:
    """The formula cells of a sheet: few calls to LibreOffice, as each takes 0.1 ms, and one more for each error."""
    name = sheet.Name
    values = used(sheet).getDataArray()
    for column, row in places(sheet.queryContentCells(FORMULA)):
        value = values[row][column]
        if value is None:
            value = {"error": sheet.getCellByPosition(column, row).String}
        yield f"{name}!{letters(column)}{row + 1}", value


def used(sheet: Any) -> Any:
    """The range of a sheet that is in use."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    end = cursor.RangeAddress
    return sheet.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow)


def places(ranges: Any) -> Iterator[tuple[int, int]]:
    for area in ranges.RangeAddresses:
        for row in range(area.StartRow, area.EndRow + 1):
            for column in range(area.StartColumn, area.EndColumn + 1):
                yield column, row


@functools.cache
def letters(column: int) -> str:
    """The letters of a column: A for 0, AA for 26."""
    head, tail = divmod(column, 26)
    return (letters(head - 1) if head else "") + chr(ord("A") + tail)


def option(name: str, value: Any) -> Any:
    from com.sun.star.beans import PropertyValue

    return PropertyValue(Name=name, Value=value)


def main() -> None:
    with office(Path(sys.argv[1]) if len(sys.argv) > 1 else None) as (process, desktop):
        for line in sys.stdin:
            # Ends a request that hangs: the call to LibreOffice then fails
            alarm = threading.Timer(LONGEST, kill, [process])
            alarm.start()
            try:
                request = json.loads(line)
                found: dict[str, Any]
                if "basic" in request:
                    found = {"results": run_basic(desktop, request["basic"], request["calls"])}
                elif "read" in request:
                    found = read(desktop, request["read"])
                else:
                    found = {"cells": answer(desktop, **request)}
                print(json.dumps(found), flush=True)
            except Exception:
                print(json.dumps({"failure": traceback.format_exc()}), flush=True)
            finally:
                alarm.cancel()


if __name__ == "__main__":
    main()
