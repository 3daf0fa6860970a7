"""A sweep in a few tables: its inputs, why scenarios have no answer, what each combination takes, which is best."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from tokensheet.distributions import Draw
from tokensheet.extras import needed
from tokensheet.frames import frame
from tokensheet.sweep_plan import Plan
from tokensheet.sweep_tables import ANSWERED, answers, best, counted, pareto, quantiles, reason_rows, tornado
from tokensheet.sweeps import DRAW

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

SHARES = (0.1, 0.5, 0.9)
ENOUGH = 0.95  # of the draws have to have an answer, for their median to be compared


class Summary(NamedTuple):
    """What a sweep says; where there are draws, combinations are compared by their medians."""

    inputs: pd.DataFrame
    reasons: pd.DataFrame
    combinations: pd.DataFrame
    best: pd.DataFrame
    frontier: pd.DataFrame
    tornado: pd.DataFrame
    units: dict[str, str]
    drawn: bool


def summary(plan: Plan, dataset: xr.Dataset, compute: Callable[[Any], Any] = lambda each: each.compute()) -> Summary:
    """The summary of a sweep, which is computed once."""
    own = quantiles(dataset, SHARES) if DRAW in dataset.sizes else dataset
    found = compute(needed("a sweep", "xarray", "sweep").merge([own, counted(dataset)], compat="override"))
    names, several = answers(dataset), DRAW in dataset.sizes
    own = found[[str(name) for name in own]]
    typical = own.sel(quantile=0.5, drop=True) if several else own
    if several:
        typical = typical.assign({name: typical[name].where(typical[name + ANSWERED] >= ENOUGH)
                                  for name in names if name + ANSWERED in typical})  # fmt: skip
    by = [dim for dim in plan.by if dim in typical[names[0]].dims]
    dims = {*typical[names[0]].dims}
    together = [name for name in names if {*typical[name].dims} <= dims]
    return Summary(
        input_rows(plan, dataset),
        reason_rows(found, dataset),
        combination_rows(own, names),
        best(typical, names[0], by=by),
        pareto(typical, *together, by=by) if len(together) > 1 else frame([], columns=names),
        tornado(plan.functions[0], plan.inputs),
        {str(name): str(each.attrs.get("units", "")) for name, each in dataset.variables.items()},
        several,
    )


def input_rows(plan: Plan, dataset: xr.Dataset) -> pd.DataFrame:
    rows = [(name, dataset[name].attrs.get("units", ""), shown(value), dataset[name].attrs.get("long_name", ""))
            for name, value in plan.inputs.items()]  # fmt: skip
    return frame(rows, columns=["input", "unit", "value", "what it is"])


def shown(value: Any) -> str:
    if isinstance(value, Draw):
        return str(value)
    several = value if isinstance(value, list) else [value]
    texts = [each if isinstance(each, str) else f"{each:g}" for each in several]
    return ", ".join(texts) if len(texts) <= 12 else f"{texts[0]}, {texts[1]} … {texts[-1]}, {len(texts):,} values"


def combination_rows(own: xr.Dataset, names: list[str]) -> pd.DataFrame:
    """A row for each combination of what is not drawn: answers, or their quantiles beside each other."""
    columns = {}
    for name in names:
        if "quantile" in own[name].dims:
            for share in SHARES:
                columns[f"{name} p{share:.0%}".rstrip("%")] = own[name].sel(quantile=share, drop=True)
            columns[f"{name} answered"] = own[name + ANSWERED]
        else:
            columns[name] = own[name]
    table = needed("a sweep", "xarray", "sweep").Dataset(columns)
    table = table.drop_vars([name for name in table.coords if name not in table.dims])
    dims = [str(dim) for dim in own.sizes if dim in table.dims]
    return (
        table.to_dataframe(dim_order=dims).reset_index()
        if dims
        else frame([{str(k): v.item() for k, v in table.items()}])
    )
