"""The LibreOffice Calc extension (.oxt) with every registered function, generated from the registry.

Calc learns the functions' names and arguments from two generated files, a type library and a configuration; the
functions themselves are the packages as they are installed here, copied with their entry points, so that the registry
finds the same functions, chips and models inside LibreOffice, those of plugins too.
"""

from __future__ import annotations

import re
import shutil
import string
import subprocess
import tempfile
import zipfile
from importlib.metadata import Distribution, EntryPoint, distribution, entry_points, version
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape

from tokensheet.files import whole_file
from tokensheet_udfs.registry import Function, Parameter, functions

from tokensheet_addin.hosts.libreoffice.component import IMPLEMENTATION, INTERFACE, method_name

HERE = Path(__file__).parent
KINDS = ("functions", "chips", "models")  # what a spreadsheet function may need; templates stay here
NOT_PACKED = {"__pycache__", "tests"}
MATRIX = "sequence<sequence<any> >"  # without the blank unoidl-write reads a shift operator
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of the zip format: every build of the same code has the same bytes

CONFIGURATION = """\
<?xml version="1.0" encoding="UTF-8"?>
<oor:component-data xmlns:oor="http://openoffice.org/2001/registry"
  oor:name="CalcAddIns" oor:package="org.openoffice.Office">
<node oor:name="AddInInfo"><node oor:name="{implementation}" oor:op="replace"><node oor:name="AddInFunctions">
{functions}
</node></node></node>
</oor:component-data>
"""
# The CompatibilityName is the name in an .xlsx file, the DisplayName the one on screen
FUNCTION = """\
<node oor:name="{method}" oor:op="replace">
  <prop oor:name="DisplayName"><value xml:lang="en-US">{name}</value></prop>
  <prop oor:name="CompatibilityName"><value xml:lang="en-US">{name}</value></prop>
  <prop oor:name="Description"><value xml:lang="en-US">{help}</value></prop>
  <prop oor:name="Category"><value>Add-In</value></prop>
  <node oor:name="Parameters">
{parameters}
  </node>
</node>"""
PARAMETER = """\
    <node oor:name="{argument}" oor:op="replace">
      <prop oor:name="DisplayName"><value xml:lang="en-US">{name}</value></prop>
      <prop oor:name="Description"><value xml:lang="en-US">{help}</value></prop>
    </node>"""


def build_oxt(path: Path | str, *, overwrite: bool = False) -> Path:
    """Write the extension with every function that is registered here."""
    description = string.Template(template("description.xml").decode())
    files = {
        "META-INF/manifest.xml": template("META-INF/manifest.xml"),
        "description.xml": description.substitute(version=version("tokensheet")).encode(),
        "tokensheet.components": template("tokensheet.components"),
        "tokensheet.rdb": type_library(),
        "CalcAddIns.xcu": configuration().encode(),
        "component.py": (HERE / "component.py").read_bytes(),
    } | {f"pythonpath/{name}": content for name, content in packages().items()}
    with whole_file(path, overwrite=overwrite) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.external_attr = 0o644 << 16  # or only who unpacks it could read it
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return Path(path)


def template(name: str) -> bytes:
    return (HERE / "extension" / name).read_bytes()


def argument_name(index: int) -> str:
    """What Calc calls an argument where nobody sees it: no name in Python can be a keyword of UNO IDL then."""
    return f"argument{index:02}"


def compiler() -> Path:
    """LibreOffice's own compiler of type libraries."""
    office = shutil.which("soffice")
    found = office and shutil.which("unoidl-write", path=Path(office).resolve().parents[1] / "sdk/bin")
    if not found:
        raise FileNotFoundError("LibreOffice's unoidl-write is needed (Debian: libreoffice-calc, libreoffice-dev)")
    return Path(found)


def type_library() -> bytes:
    """The component's interface as LibreOffice reads it, in binary form."""
    write = compiler()
    types = write.parents[2] / "program"
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder) / "functions.idl", Path(folder) / "functions.rdb"
        source.write_text(interface(), encoding="utf-8")
        command = [write, types / "types.rdb", types / "types/offapi.rdb", source, library]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            raise OSError(f"unoidl-write cannot read the functions' interface: {run.stderr or run.stdout}")
        return library.read_bytes()


def interface() -> str:
    """The component's interface in UNO IDL. `any` takes a number, a text, a range and nothing at all."""
    *modules, name = INTERFACE.split(".")
    methods = "".join(f"  {MATRIX} {signature(function)};\n" for function in functions().values())
    opened = " ".join(f"module {module} {{" for module in modules)
    return f"{opened}\ninterface {name} {{\n{methods}}};\n{'};' * len(modules)}\n"


def signature(function: Function) -> str:
    types = ["sequence<any>" if parameter.rest else "any" for parameter in function.parameters]
    arguments = ", ".join(f"[in] {kind} {argument_name(index)}" for index, kind in enumerate(types))
    return f"{method_name(function.name)}({arguments})"


def configuration() -> str:
    """What Calc and its function wizard call the functions and say about them."""

    def parameter_node(function: Function, index: int, parameter: Parameter) -> str:
        # GTK reads "_" as the mark of a key and does not show it
        readable, help_ = parameter.name.replace("_", " "), function.help.argument(parameter)
        return PARAMETER.format(argument=argument_name(index), name=escape(readable), help=escape(help_))

    nodes = [
        FUNCTION.format(
            method=method_name(name),
            name=name,
            help=escape(function.help.summary),
            parameters="\n".join(parameter_node(function, *each) for each in enumerate(function.parameters)),
        )
        for name, function in functions().items()
    ]
    return CONFIGURATION.format(implementation=IMPLEMENTATION, functions="\n".join(nodes))


def packages() -> dict[str, bytes]:
    """Everything under pythonpath/: the contributing packages with their data, entry points and licences."""
    files: dict[str, Path] = module_files("docstring_parser")  # WHY reads a result's unit from the docstring
    contributing: dict[str, tuple[Distribution, list[EntryPoint]]] = {
        "docstring-parser": (distribution("docstring-parser"), [])
    }
    for entry in (entry for kind in KINDS for entry in entry_points(group=f"tokensheet.{kind}")):
        assert entry.dist
        contributing.setdefault(entry.dist.name, (entry.dist, []))[1].append(entry)
        top = entry.module.partition(".")[0]
        files |= module_files(top)
        if f"{top}.py" in files and isinstance(table := entry.load(), Path):
            files[table.name] = table  # no package holds it, so it is beside the module
    content = {name: file.read_bytes() for name, file in files.items()}
    for package, entries in contributing.values():
        content |= metadata(package, entries)
    return content


def module_files(name: str) -> dict[str, Path]:
    """The files of a package, or of a single module, by their place in a folder of packages."""
    spec = find_spec(name)
    assert spec
    if spec.submodule_search_locations is None:
        file = Path(spec.origin or "")
        return {file.name: file}
    return {
        file.relative_to(folder.parent).as_posix(): file
        for folder in map(Path, spec.submodule_search_locations)
        for file in folder.rglob("*")
        if file.is_file() and not NOT_PACKED & set(file.relative_to(folder).parts)
    }


def metadata(package: Distribution, entries: list[EntryPoint]) -> dict[str, bytes]:
    """As much of a .dist-info as `importlib.metadata` reads, and the licence."""
    folder = f"{re.sub('[-_.]+', '_', package.name)}-{package.version}.dist-info"
    groups: dict[str, list[str]] = {}
    for entry in sorted(entries):
        groups.setdefault(entry.group, [f"[{entry.group}]"]).append(f"{entry.name} = {entry.value}")
    licences = (file for file in package.files or () if file.name.upper().startswith(("LICEN", "COPYING", "NOTICE")))
    return {
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {package.name}\nVersion: {package.version}\n".encode(),
        f"{folder}/entry_points.txt": "".join("\n".join(lines) + "\n" for lines in groups.values()).encode(),
    } | {f"{folder}/{file.name}": file.read_binary() for file in licences}
