"""A scenario file: the inputs of a template as TOML, to make the same workbook again, or another like it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tokensheet.files import read_toml, whole_file

from tokensheet_templates.declared import Input
from tokensheet_templates.template import Declared, Workbook

HEAD = """# A scenario of the template {name} of tokensheet, for
#   tokensheet new {name} book.xlsx --from THIS_FILE
# A number is the base; [low, base, high] are its scenarios. What is left out is as the template has it.
template = {name_text}
date = {date}

[inputs]
"""


def read_scenario(path: str | Path, template: Declared) -> dict[str, Any]:
    """The values that a scenario file gives, for a call of its template."""
    found = read_toml(path)
    other = {*found} - {"template", "date", "inputs"}
    if other or not isinstance(found.get("inputs", {}), dict):
        raise ValueError(
            f"{path} may have template, date and a table [inputs], not {', '.join(sorted(other)) or 'that'}"
        )
    if found.get("template", template.name) != template.name:
        raise ValueError(f"{path} is a scenario of {found['template']!r}, not of {template.name!r}")
    day = {"date": str(found["date"])} if "date" in found else {}
    return {key: as_given(value) for key, value in found.get("inputs", {}).items()} | day


def as_given(value: Any) -> Any:
    return tuple(map(as_given, value)) if isinstance(value, list) else value


def write_scenario(path: str | Path, book: Workbook, *, overwrite: bool = False) -> None:
    """Write the inputs of a workbook, each with what it means and may be."""
    name = book.declared.name
    lines = [HEAD.format(name=name, name_text=json.dumps(name), date=json.dumps(book.today.isoformat()))]
    for title, inputs in book.declared.sections(book.inputs).items():
        lines.append(f"\n# {title}\n")
        lines += [f"# {each.help}\n{each.key} = {as_toml(each)}\n" for each in inputs if each.key != "as_of"]
    with whole_file(path, overwrite=overwrite) as file:
        file.write("".join(lines).encode())


def as_toml(each: Input) -> str:
    """JSON's numbers, texts and lists are TOML's too."""
    return json.dumps(each.default, ensure_ascii=False)
