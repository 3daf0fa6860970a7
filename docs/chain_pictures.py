"""The chains as drawings, as wide as a phone: below each quantity what it rests on. `generate.py` writes them."""

import re
import textwrap
from collections.abc import Iterator
from html import escape

from tokensheet.chain import Chain, Quantity
from tokensheet.chains.decode import ENDS

WIDTH, INDENT, LINE, GAP = 380, 13, 15, 7
HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">
<title>{title}</title>
<style>
text {{ font: 12px Arial, Helvetica, sans-serif; fill: #1c2733 }}
.answer {{ font-weight: bold; fill: #0f4c81 }}
path {{ fill: none; stroke: #8aa4bd }}
</style>
<rect width="{width}" height="{height}" rx="6" fill="#ffffff"/>
"""
BESIDE = tuple(filter(None, ENDS))  # the estimate
GUESS = re.compile(r"\w+_\d+")  # a step of a search, which is passed by

Row = tuple[int, Quantity]  # how deep it stands, and what


def rows(chain: Chain, above: Chain) -> list[Row]:
    """The quantities of a chain that are not of another: the estimates first, then bounds and bands."""
    own = {each.key: each for each in chain if each not in above}
    needs = {key: [*inputs(own, each)] for key, each in own.items()}
    needed = {key for each in needs.values() for key in each}
    answers = [key for key in own if key not in needed and not GUESS.fullmatch(key)]
    seen, found = set[str](), list[Row]()

    def stand(key: str, depth: int) -> None:
        if key not in seen:
            seen.add(key)
            found.append((depth, own[key]))
            for each in needs[key]:
                stand(each, depth + 1)

    for key in sorted(answers, key=lambda key: (key.startswith(BESIDE), -len(chain.of(key)))):
        stand(key, 0)
    return found


def inputs(own: dict[str, Quantity], of: Quantity) -> Iterator[str]:
    """What a quantity rests on of its chain, behind the steps of a search."""
    for key in of.inputs:
        if key in own and GUESS.fullmatch(key):
            yield from inputs(own, own[key])
        elif key in own:
            yield key


def svg(title: str, chain: Chain, above: Chain) -> str:
    parts, middles, y = list[str](), dict[int, float](), 8.0
    for depth, quantity in rows(chain, above):
        x = 12 + INDENT * depth
        lines = textwrap.wrap(quantity.label, int((WIDTH - x - 6) / 6.2))
        middle = y + LINE * len(lines) / 2
        if depth:
            parts.append(f'<path d="M{x - 9} {middles[depth - 1]:g}V{middle:g}h6"/>')
        middles[depth] = y + LINE * len(lines) + 1
        kind = ' class="answer"' * (not depth)
        for number, line in enumerate(lines, 1):
            parts.append(f'<text x="{x}" y="{y + LINE * number - 3:g}"{kind}>{escape(line)}</text>')
        y += LINE * len(lines) + GAP
    return HEAD.format(width=WIDTH, height=int(y) + 4, title=escape(title)) + "\n".join(parts) + "\n</svg>\n"
