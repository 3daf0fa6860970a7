"""Texts from elsewhere: as every program can show them, as names, and as cells of a CSV file."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 32_767  # characters that a cell holds; as in UTF-16, where some take two
LONGEST_NAME = 100  # a look-up takes no text of more than 255
# Controls, what turns the direction of reading, lone halves of a pair, and what is no character
UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
# Where a spreadsheet program that opens a CSV file sees a formula begin; in half of Europe ; separates its cells
FORMULA = re.compile(r"(^|;)('*\s*[-=+@＝＋－＠])")
GUARDED = re.compile(r"(^|;)'('*\s*[-=+@＝＋－＠])")


def clean(text: str) -> str:
    """The text as every program can show it: what none shows is U+FFFD, and what no cell has room for is cut."""
    text = UNSHOWN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    if len(text) > LONGEST // 2 and len(packed := text.encode("utf-16-le")) > 2 * LONGEST:
        return packed[: 2 * (LONGEST - 1)].decode("utf-16-le", "ignore") + "…"
    return text


def name_of(text: str) -> str:
    """The name of a chip or model that a text gives; ValueError where it could be taken for another or for an error."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    shown = name.isprintable() and len(name) <= LONGEST_NAME and any(map(str.isalnum, name))
    if not shown or name.startswith("#") or set(name) & set("*?~;"):
        raise ValueError(
            f"{name[:LONGEST_NAME]!r} is no name: a name has a letter or digit, at most {LONGEST_NAME} characters, "
            "each of them visible, none of * ? ~ ; and no # in front"
        )
    return name


def in_csv(text: str) -> str:
    """The text as a cell of a CSV file that no spreadsheet program computes: with ' before what begins a formula."""
    try:
        float(text)
    except ValueError:
        return FORMULA.sub(r"\1'\2", text)
    return text


def from_csv(cell: str) -> str:
    """The text that such a cell holds."""
    return GUARDED.sub(r"\1\2", cell)
