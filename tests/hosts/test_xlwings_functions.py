"""The module that xlwings imports, in xlwings' own classic code; the contract's calls are in test_contract.py."""

import os
import subprocess
import sys

from hosts.contract import Error
from hosts.excel import Classic
from tokensheet_addin.hosts import xlwings_functions
from tokensheet_udfs.errors import ERRORS
from tokensheet_udfs.registry import functions


def test_every_function_stands_in_the_module_under_its_excel_name() -> None:
    for name, function in functions().items():
        udf = getattr(xlwings_functions, name)
        assert udf.__name__ == name
        assert udf.__doc__ == function.help.summary[:255]


def test_xlwings_classic_reads_name_arguments_help_and_our_conversion(classic: Classic) -> None:
    metadata = classic.ask(metadata=None)
    assert set(metadata) == set(functions())
    compute_time = metadata["COMPUTE_TIME"]
    parameters = functions()["COMPUTE_TIME"].parameters
    assert compute_time["category"] == "tokensheet"
    assert [argument["name"] for argument in compute_time["args"]] == [each.name for each in parameters]
    assert compute_time["args"][0]["doc"] == functions()["COMPUTE_TIME"].help.argument(parameters[0])
    assert compute_time["args"][3]["optional"] == 2
    assert {argument["options"]["convert"] for argument in compute_time["args"]} == {"tokensheet"}
    assert metadata["WHY"]["args"][1]["vararg"]


def test_every_error_has_excels_number_and_back() -> None:
    assert set(xlwings_functions.SCODES.values()) == set(ERRORS)
    assert (xlwings_functions.SCODES[-2146826246], xlwings_functions.SCODES[-2146826281]) == ("#N/A", "#DIV/0!")


def test_a_number_that_reads_as_an_error_is_a_number(classic: Classic) -> None:
    assert classic.call("COMPUTE_TIME", (((-2146826246.0, 1.0),), 1, 1), (1, 2)) == [[Error("#NUM!"), 2.0]]


def test_an_array_constant_of_one_row_comes_flat() -> None:
    assert xlwings_functions.received((1.0, -2146826246)) == [[1.0, "#N/A"]]


def test_an_unexpected_exception_is_an_error_value_and_logged(classic: Classic) -> None:
    """Classic would show the exception's words as a text, for which ISERROR is false."""
    assert classic.call("WHY", ("COMPUTE_TIME", 5, 5, 5, 5, 5, 5), (1, 1)) == [
        ["COMPUTE_TIME takes at most 4 arguments, not 6"]
    ]
    found = subprocess.run(
        [sys.executable, "-c", "from tokensheet_addin.hosts.xlwings_functions import CHIP; print(CHIP({}, []))"],
        capture_output=True, text=True, env=os.environ,
    )  # fmt: skip
    assert (found.returncode, found.stdout) == (0, "[['#VALUE!']]\n"), found.stderr
