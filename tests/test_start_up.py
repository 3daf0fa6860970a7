"""What is imported for what: nobody waits for what was not asked for, and everything is there all the same."""

import inspect
import pkgutil
import subprocess
import sys
from importlib.metadata import entry_points

import pytest
import tokensheet as ts
from tokensheet_addin.cli import COMMANDS, app
from typer.main import get_command


def loaded(code: str) -> set[str]:
    """The modules that there are when the code has come to its end."""
    ask = f"import atexit, sys\natexit.register(lambda: print(*sys.modules, file=sys.stderr))\n{code}"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {*done.stderr.split()}


def of_command(*args: str) -> set[str]:
    """The modules that a command loads."""
    return loaded(f"sys.argv = {['tokensheet', *args]}\nfrom tokensheet_addin.cli import main; main()")


def test_importing_the_package_imports_nothing_of_it() -> None:
    modules = loaded("import tokensheet")
    assert "numpy" not in modules
    assert {each for each in modules if each.startswith("tokensheet")} == {"tokensheet", "tokensheet.stubs"}


def test_an_equation_needs_neither_catalogue_nor_plugins() -> None:
    modules = loaded("import tokensheet; tokensheet.compute_time(1, 2, 3)") - loaded("import numpy")
    assert not modules & {"tokensheet.catalogue", "tokensheet.chains", "importlib.metadata", "csv", "json"}


def test_all_of_the_package_does_not_import_what_is_heavy() -> None:
    modules = loaded("from tokensheet import *")
    assert "tokensheet.own_calibration" in modules
    assert not modules & {"pandas", "openpyxl", "xlsxwriter", "xlwings", "genai_prices", "filelock", "typer"}
    assert not modules & {"xarray", "dask", "distributed", "pyarrow", "zarr", "scipy"}


def test_every_function_of_ours_is_a_name_of_the_package() -> None:
    modules = [
        each.load() for each in entry_points(group="tokensheet.functions") if each.value.startswith("tokensheet.")
    ]
    names = {name for module in modules for name in module.__all__}
    assert names < {*ts.__all__} < {*dir(ts)}
    assert len(ts.__all__) == len({*ts.__all__})
    namespace: dict[str, object] = {}
    exec("from tokensheet import *", namespace)
    assert {*ts.__all__} == {*namespace} - {"__builtins__"}


def test_no_name_is_also_that_of_a_module_which_would_take_its_place_when_it_is_imported() -> None:
    assert not {*ts.__all__} & {module.name for module in pkgutil.iter_modules(ts.__path__)}


def test_a_module_is_there_without_an_import_of_its_own_and_a_typing_error_is_not() -> None:
    code = "import tokensheet; print(tokensheet.queueing.__name__); tokensheet.dcode_cost"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "tokensheet.queueing\n"
    assert (
        "AttributeError: module 'tokensheet' has no attribute 'dcode_cost'. Did you mean: 'decode_cost'?" in done.stderr
    )


@pytest.mark.parametrize("name", [name for name in ts.__all__ if hasattr(getattr(ts, name), "__wrapped__")])
def test_help_describes_every_argument(name: str) -> None:
    function = getattr(ts, name)
    described = inspect.getdoc(function) or ""
    assert all(
        f"\n{each} : " in described or f"{each}, " in described for each in inspect.signature(function).parameters
    )


def test_the_list_of_commands_imports_none_of_them() -> None:
    modules = of_command("--help")
    places = {f"tokensheet_addin.{place.partition(':')[0]}" for place, _ in COMMANDS.values()}
    assert not modules & {*places, "numpy", "tokensheet.catalogue", "importlib.metadata"}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_a_command_what_its_help_begins_with(name: str) -> None:
    group = get_command(app)
    with group.make_context("tokensheet", [name, "--help"], resilient_parsing=True) as context:
        command = group.get_command(context, name).make_context(name, [], context, resilient_parsing=True).command  # type: ignore[attr-defined]
    assert " ".join((command.help or "").partition("\n\n")[0].split()) == COMMANDS[name][1]


def test_of_the_templates_one_is_imported() -> None:
    modules = of_command("new", "rack-layout", "--help")
    assert "tokensheet_templates.rack_layout" in modules
    assert not modules & {"tokensheet_templates.grid_template", "tokensheet_templates.pricing_sheet", "genai_prices"}


def test_texts_and_paths_are_taken_without_pydantic() -> None:
    assert "pydantic" not in of_command("--as-of", "2026-10-14", "chips", "H100")
