"""What others may rely on says what it is for; docs/api.txt lists it, and test_docs.py holds that fresh."""

import inspect
import types

import api
import pytest
import tokensheet
import tokensheet_templates

PUBLIC = {
    f"{package.__name__}.{name}": each
    for package in (tokensheet, tokensheet_templates)
    for name, each in api.public(package).items()
}


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_and_method_has_a_docstring(name: str) -> None:
    each = PUBLIC[name]
    assert each.__doc__, name
    for method, one in api.members(each).items() if isinstance(each, type) else ():
        assert inspect.getdoc(one), f"{name}.{method}"


def test_the_list_names_whatever_the_package_gives_and_no_module() -> None:
    lines = api.text().splitlines()
    assert "tokensheet.read_time(size, bandwidth)" in lines
    assert "tokensheet check --csv --json BOOK" in lines
    assert {f"tokensheet.{name}" for name in tokensheet.__all__} <= {*PUBLIC}
    assert not any(isinstance(each, types.ModuleType) for each in PUBLIC.values())
    assert len(set(lines) - {""}) == len([line for line in lines if line])
