"""The look of every template: blue on pale yellow is an input, black a formula, green a link to another sheet."""

from __future__ import annotations

from typing import Any

INK, MUTED, ACCENT, LINE, PAPER = "#1F2933", "#6B7785", "#12507B", "#C9D1DA", "#EEF2F6"
GOOD, POOR, WARN, FAINT = "#CDE9D5", "#F8D9CE", "#FCEBC5", "#FFFFFF"
BINDS = {"compute": "#FBE3C0", "weights": "#CFE3F5", "kv": "#E3D7F1"}

FONT = {"font_name": "Arial", "font_size": 10}
# Words that a style's name is put together from; each sets some properties of the cell format.
STYLES: dict[str, dict[str, Any]] = {
    "base": {**FONT, "font_color": INK, "valign": "vcenter"},
    "text": {},
    "title": {"bold": True, "font_size": 16, "font_color": ACCENT},
    "subtitle": {"font_color": MUTED, "italic": True},
    "section": {"bold": True, "font_size": 11, "font_color": ACCENT, "bottom": 1, "bottom_color": ACCENT},
    "head": {"bold": True, "bg_color": PAPER, "bottom": 1, "bottom_color": LINE, "text_wrap": True},
    "center": {"align": "center"},
    "right": {"align": "right"},
    "left": {"align": "left"},
    "flag01": {"num_format": '0;-0;"– 0"'},
    "source": {"font_color": MUTED, "font_size": 9, "text_wrap": True},
    "wrap": {"text_wrap": True, "valign": "top"},
    "note": {"font_color": MUTED},
    "indent": {"indent": 1},
    "bold": {"bold": True},
    "small": {"font_size": 8},
    "shrink": {"shrink": True, "text_wrap": False},
    "link": {"font_color": "#00703C"},
    "input": {"font_color": "#0000FF", "bg_color": "#FFFBE6", "border": 1, "border_color": LINE, "locked": False},
    "follows": {"bg_color": "#FFFBE6", "border": 1, "border_color": LINE, "locked": False},
    "open": {"locked": False},
    "line": {"bottom": 4, "bottom_color": LINE},
    "unverified": {"italic": True, "font_color": "#B45309"},
    "data": {"font_color": "#0000FF"},
    "price": {"num_format": '$#,##0.000;-$#,##0.000;"–"', "align": "right"},
    "rent": {"num_format": '$0.00;-$0.00;"–"'},
    "dollars": {"num_format": '$#,##0;-$#,##0;"–"'},
    "cents": {"num_format": '#,##0.00;-#,##0.00;"–"', "align": "right"},
    "whole": {"num_format": '#,##0;-#,##0;"–"'},
    "chosen": {"num_format": '#,##0;-#,##0;"auto –"'},
    "percent": {"num_format": '0.0%;-0.0%;"–"'},
    "tenths": {"num_format": '#,##0.0;-#,##0.0;"–"', "align": "right"},
    "scientific": {"num_format": '0.00E+00;-0.00E+00;"–"'},
    "ratio": {"num_format": '#,##0.000;-#,##0.000;"–"'},
    "date": {"num_format": "yyyy-mm-dd"},
    "dash": {"num_format": 'General;General;"–"'},
    "plain": {"num_format": 'General;-General;"–"'},
    "tera": {"num_format": '#,##0,,,,"T";-#,##0,,,,"T";"–"'},
    "giga": {"num_format": '#,##0.0,,,"B";-#,##0.0,,,"B";"–"'},
    "gigabytes": {"num_format": '#,##0.0,,,"GB";-#,##0.0,,,"GB";"–"'},
    "bandwidth": {"num_format": '#,##0.00,,,,"TB/s";-#,##0.00,,,,"TB/s";"–"'},
    "network": {"num_format": '#,##0.0,,,"GB/s";-#,##0.0,,,"GB/s";"–"'},
    "flag": {"bold": True, "align": "left"},
}

# The style of a number, by its name where the unit does not say how large it is, else by its unit.
OF_KEY = {
    **dict.fromkeys(("own_chips", "own_tensor_parallel", "own_stages"), "chosen"),
    "terms": "right small shrink",
    **dict.fromkeys(("why", "floor_why"), "right"),
    **dict.fromkeys(("scale_out_bandwidth", "nic", "pcie", "group_network", "stage_network", "all_network"), "network"),
    # a part of a layout need not be whole
    **dict.fromkeys(("stage_chips", "groups", "tensor_parallel", "cache_chips"), "plain"),
    **dict.fromkeys(("group_tokens", "cache_seconds"), "tenths"),
    **dict.fromkeys(
        ("bytes", "dense_bytes", "other_bytes", "kv_width", "activation_bytes", "round_trip_bytes", "extra_layers"),
        "plain",
    ),
    **dict.fromkeys(("largest", "tolerance", "least_move"), "scientific"),
}
OF_UNIT = {
    "%": "percent", "$": "dollars", "$/hour": "rent", "$/Mtok": "price", "$/token": "scientific", "Mtok": "whole",
    "million tokens": "whole", "billion tokens": "tenths", "million $": "tenths", "nats": "tenths",
    "ms": "tenths", "day": "date", "days": "whole", "ms/token": "tenths", "replicas": "whole", "number": "whole",
    "month": "whole", "0 or 1": "whole",
    "FLOP/s": "tera", "bytes": "gigabytes", "bytes/s": "bandwidth", "bytes/token": "whole", "parameters": "giga",
    "s": "scientific", "USD/token": "scientific", "USD/hour": "rent", "fraction": "percent", "ratio": "ratio",
    "text": "right", "tokens": "whole", "sequences": "whole", "chips": "whole", "layers": "whole", "values": "whole",
    "tokens/s": "tenths", "M tokens": "cents", "G tokens": "whole", "h/Mtok": "scientific", "chip-hours": "whole",
    "seats": "whole", "requests": "tenths", "calls": "tenths", "tasks": "whole", "tries": "whole",
    "months": "tenths", "seconds": "tenths", "MW": "ratio", "kW": "ratio", "$/kWh": "ratio",
    **dict.fromkeys(("$/seat", "$/task", "$/payment"), "cents"),
    "requests/s": "tenths", "$/GB-month": "cents", "GB": "whole", "GB/s": "tenths",
    "W": "whole", "people": "tenths", "years": "tenths", "hours": "whole", "$/kW-month": "dollars",
    "$/GB-hour": "price",
}  # fmt: skip


def style_of(key: str, unit: str) -> str:
    return OF_KEY.get(key) or OF_UNIT.get(unit, "plain")
