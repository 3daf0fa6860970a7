"""What is imported for what: nobody waits for what was not asked for, and everything is there all the same."""

import inspect
import pkgutil
import subprocess
import sys
from importlib.metadata import entry_points

import pytest
import tokensheet as ts


def loaded(code: str) -> set[str]:
    """The modules that there are after running the code."""
    ask = f"import sys\n{code}\nprint(*sys.modules)"
    return set(subprocess.check_output([sys.executable, "-c", ask], text=True).split())


def test_importing_the_package_imports_nothing_of_it() -> None:
    modules = loaded("import tokensheet")
    assert "numpy" not in modules
    assert [each for each in modules if each.startswith("tokensheet")] == ["tokensheet"]


def test_an_equation_needs_neither_catalogue_nor_plugins() -> None:
    modules = loaded("import tokensheet; tokensheet.compute_time(1, 2, 3)")
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
