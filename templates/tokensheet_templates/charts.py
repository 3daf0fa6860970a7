"""Charts of rows of a sheet against one of them, on logarithmic axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tokensheet_templates.book import Block, Sheet
from tokensheet_templates.style import ACCENT, LINE, MUTED

SIZE = {"width": 690, "height": 380}
OFF = {"x_offset": 4, "y_offset": 4}  # pixels from the cell's corner, lest paper cuts the frame off
MANY = 12  # names below bars, above which some are left out
GREY = {"color": LINE, "width": 0.75}
AXIS = {
    "log_base": 10, "crossing": "min", "label_position": "low", "num_font": {"color": MUTED}, "line": GREY,
    "major_gridlines": {"visible": True, "line": GREY}, "name_font": {"color": MUTED},
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A row of numbers and how it is drawn; a thin dashed line on a wide one leaves both visible."""

    name: str
    block: Block
    colour: str
    width: float = 2.25
    dash: str = "solid"
    marked: bool = False

    def series(self, x: Block) -> dict[str, Any]:
        marker = {"type": "circle", "size": 5, "fill": {"color": self.colour}, "border": {"color": self.colour}}
        return {
            "name": self.name,
            "categories": f"={x.sheet}!{x.range}",
            "values": f"={self.block.sheet}!{self.block.range}",
            "line": {"color": self.colour, "width": self.width, "dash_type": self.dash},
            "marker": marker if self.marked else {"type": "none"},
        }


def estimate_lines(estimate: Block, low: Block, high: Block, floor: Block) -> list[Line]:
    """An estimate, its band and the bound below it."""
    return [
        Line("High end", high, "#8EC5F2"),
        Line("Estimate", estimate, ACCENT, 2.75, marked=True),
        Line("Low end", low, "#6FBF8B"),
        Line("Floor: the bound", floor, "#D9480F", 1.5, "dash"),
    ]


def draw(
    sheet: Sheet, place: tuple[int, int], titles: Mapping[str, str], x: Block, lines: Sequence[Line], y_format: str, *,
    least: float | None = 1, size: Mapping[str, int] = SIZE,
) -> None:  # fmt: skip
    """A chart with its upper left corner in a cell; `titles` are those of the chart and of its axes `x` and `y`.

    The axis of `x` begins at `least`, or where the program thinks best.
    """
    chart = sheet.book.raw.add_chart({"type": "scatter", "subtype": "straight"})
    for line in lines:
        chart.add_series(line.series(x))
    chart.set_title({"name": titles["chart"], "name_font": {"size": 12, "color": ACCENT}})
    chart.set_x_axis(AXIS | {"name": titles["x"], "num_format": "#,##0", "min": least})
    chart.set_y_axis(AXIS | {"name": titles["y"], "num_format": y_format})
    chart.set_legend({"position": "bottom"})
    chart.set_size(size)
    sheet.raw.insert_chart(*place, chart, OFF | {"description": f"{titles['chart']}: {titles['y']} by {titles['x']}"})


PLAIN_AXIS = {"num_font": {"color": MUTED}, "line": GREY, "name_font": {"color": MUTED},
              "major_gridlines": {"visible": True, "line": GREY}}  # fmt: skip


@dataclass(frozen=True)
class Bars:
    """A series of bars: a block of numbers and their colour; without one they only lift what is stacked on them."""

    name: str
    block: Block
    colour: str = ""

    def series(self, names: Block) -> dict[str, Any]:
        look = {"fill": {"color": self.colour}} if self.colour else {"fill": {"none": True}, "border": {"none": True}}
        return {"name": self.name, "categories": at(names), "values": at(self.block), "gap": 40, "overlap": 100} | look


def at(block: Block) -> str:
    return f"={block.sheet}!{block.range}"


def draw_bars(
    sheet: Sheet, place: tuple[int, int], title: str, names: Block, bars: Sequence[Bars], form: str, *,
    lying: bool = False, size: Mapping[str, int] = SIZE, unit: str = "",
) -> None:  # fmt: skip
    """Bars stacked on each other, standing or lying, by names."""
    chart = sheet.book.raw.add_chart({"type": "bar" if lying else "column", "subtype": "stacked"})
    for each in bars:
        chart.add_series(each.series(names))
    chart.set_title({"name": title, "name_font": {"size": 12, "color": ACCENT}})
    of_names = PLAIN_AXIS | {"reverse": lying, "label_position": "low", "major_gridlines": {"visible": False},
                             "interval_unit": 1 if lying else max(1, names.values.size // MANY),
                             "num_font": {"color": MUTED, "size": 8}}  # fmt: skip
    of_numbers = PLAIN_AXIS | {"num_format": form, "name": unit}
    chart.set_x_axis(of_numbers if lying else of_names)  # XlsxWriter means left to right by x
    chart.set_y_axis(of_names if lying else of_numbers)
    seen = [index for index, each in enumerate(bars) if not each.colour]
    chart.set_legend({"none": True} if len(bars) - len(seen) < 2 else {"position": "bottom", "delete_series": seen})
    chart.set_size(size)
    sheet.raw.insert_chart(*place, chart, OFF | {"description": f"{title}, {unit}".strip(", "), "object_position": 2})


def draw_lines(
    sheet: Sheet, place: tuple[int, int], title: str, names: Block, lines: Sequence[Line], form: str, *,
    size: Mapping[str, int] = SIZE, unit: str = "",
) -> None:  # fmt: skip
    """Lines against names or numbers, evenly spaced."""
    chart = sheet.book.raw.add_chart({"type": "line"})
    for each in lines:
        chart.add_series(each.series(names))
    chart.set_title({"name": title, "name_font": {"size": 12, "color": ACCENT}})
    chart.set_x_axis(PLAIN_AXIS | {"label_position": "low", "interval_unit": 3, "major_gridlines": {"visible": False}})
    chart.set_y_axis(PLAIN_AXIS | {"num_format": form, "name": unit})
    chart.set_legend({"none": True} if len(lines) < 2 else {"position": "bottom"})
    chart.set_size(size)
    sheet.raw.insert_chart(*place, chart, OFF | {"description": f"{title}, {unit}".strip(", "), "object_position": 2})
