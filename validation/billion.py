"""Prices a billion scenarios on this machine and writes docs/scale.md and docs/sweep.png: `python validation/billion.py`.

With a number it goes only so far (`python validation/billion.py 1e7`), and nothing is written. What a run measured is
kept in billion.json, so that the page can be written anew without it. Needs the extra `bench`.
"""

import datetime
import json
import logging
import os
import pickle
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import tokensheet as ts
import xarray as xr
from reliability import machine
from tokensheet.sweep_tables import counted

HERE = Path(__file__).parent
FOUND = HERE / "billion.json"
PAGE, PICTURE = HERE.parent / "docs" / "scale.md", HERE.parent / "docs" / "sweep.png"
MODELS = ["DeepSeek-V3", "DeepSeek-R1", "Kimi-K2", "Qwen3-235B-A22B", "Qwen3-32B", "Llama-3.1-8B", "Llama-3.1-70B",
          "Llama-3.1-405B", "gpt-oss-120b", "gpt-oss-20b"]  # fmt: skip
CHIPS = ["H100", "H200", "B200", "B300", "GB200", "GB300", "MI300X", "MI325X", "MI355X", "RTX PRO 6000"]
BATCHES = [1, 8, 32, 128, 512]
INPUTS = {
    "model": MODELS, "chip": CHIPS, "precision": ["bf16", "fp8"], "batch": BATCHES,
    "context": ts.draw("lognormal", median=4096, p90=32_000),
    "utilization": ts.draw("pert", low=0.2, mode=0.6, high=0.9),
}  # fmt: skip
COMBINATIONS = len(MODELS) * len(CHIPS) * 2 * len(BATCHES)
SIZES = (10**5, 10**6, 10**7, 10**8, 10**9)
COMPARED = 10**8  # scenarios, the largest that are computed in memory too, and that are repeated
REPEATS = 3
BINS: dict[str, Any] = {"bins": 160, "range": (-9, -1)}  # of the histogram of a cost's logarithm
LIMIT = 4 * 2**30  # bytes, of all processes together
NETWORK = 10e9 / 8  # bytes/s, of the scheduler of a cluster of which nothing is measured here
WORKERS = (1, 2, 10, 100, 1000)


def question(scenarios: int, chunks: Any = "auto") -> xr.Dataset:
    """So many scenarios, a thousand combinations of which each has its draws."""
    return ts.sweep("decode_cost", INPUTS, draws=scenarios // COMBINATIONS, seed=1,
                    correlated={("context", "utilization"): -0.3}, chunks=chunks)  # fmt: skip


def reduced(dataset: xr.Dataset) -> xr.Dataset:
    """What is wanted of them: quantiles of each combination, why there is no answer, a histogram of all."""
    costs = dataset.decode_cost.data
    if dataset.chunksizes:
        import dask.array as array

        counts, _ = array.histogram(array.log10(costs), **BINS)
    else:
        counts, _ = np.histogram(np.log10(costs), **BINS)
    return xr.merge([ts.quantiles(dataset), counted(dataset)], compat="override").assign(histogram=("bin", counts))


@contextmanager
def cluster(workers: int) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    quiet = {"dashboard_address": ":0", "silence_logs": logging.ERROR}
    limit = LIMIT // 4
    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, memory_limit=limit, **quiet) as local,
        Client(local) as client,
    ):
        client.run(warm)
        yield client


def warm() -> None:
    """What a worker does once: imports, and the first question."""
    question(COMBINATIONS, None)


class Watched:
    """Seconds, seconds of processors, and the most memory of this process and its children, while it is open."""

    def __enter__(self) -> "Watched":
        import psutil

        self.me = psutil.Process()
        self.peak, self.open = 0.0, True
        self.begun, self.processors = time.perf_counter(), self.processor_seconds()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def family(self) -> list[Any]:
        return [self.me, *self.me.children(recursive=True)]

    def total(self, of: Callable[[Any], float]) -> float:
        import psutil

        found = 0.0
        for each in self.family():
            with suppress(psutil.Error):  # which has ended meanwhile
                found += of(each)
        return found

    def processor_seconds(self) -> float:
        return self.total(lambda each: sum(each.cpu_times()[:2]))

    def watch(self) -> None:
        while self.open:
            self.peak = max(self.peak, self.total(lambda each: each.memory_info().rss))
            time.sleep(0.1)

    def __exit__(self, *_: Any) -> None:
        self.seconds = time.perf_counter() - self.begun
        self.processors = self.processor_seconds() - self.processors
        self.open = False
        self.thread.join()

    def figures(self) -> dict[str, float]:
        return {"seconds": self.seconds, "processor_seconds": self.processors, "bytes": self.peak}


def measured(scenarios: int, workers: int) -> tuple[dict[str, Any], xr.Dataset]:
    with cluster(workers), Watched() as watched:
        found = reduced(question(scenarios)).compute()
    figures = {"scenarios": scenarios, "workers": workers, "load": os.getloadavg()[0], **watched.figures()}
    print(figures, flush=True)
    return figures, found


def killed(scenarios: int, seconds: float, wanted: xr.Dataset) -> dict[str, Any]:
    """A worker killed in the middle of a run, and whether anything differs."""
    with cluster(2) as client, Watched() as watched:
        future = client.compute(reduced(question(scenarios)))
        victim = next(iter(client.run(os.getpid).values()))
        time.sleep(seconds / 2)
        running = not future.done()
        os.kill(victim, 9)
        found = future.result()
    return {"scenarios": scenarios, "killed_while_running": running, "seconds": watched.seconds,
            "identical": bool(found.identical(wanted))}  # fmt: skip


def compared(largest: int, wanted: xr.Dataset) -> dict[str, Any]:
    """Whether blocks give what is computed in memory, to the bit: all of it, and a part of the largest run."""
    scenarios = min(largest, COMPARED)
    whole = reduced(question(scenarios, None))
    part = {"model": 3, "chip": slice(2, 4), "precision": 1, "batch": slice(1, 4)}
    inputs = {**INPUTS, "model": MODELS[3], "chip": CHIPS[2:4], "precision": "fp8", "batch": BATCHES[1:4]}
    alone = ts.sweep("decode_cost", inputs, draws=largest // COMBINATIONS, seed=1,
                     correlated={("context", "utilization"): -0.3})  # fmt: skip
    block = question(largest).decode_cost[part].compute()
    return {
        "scenarios": scenarios,
        "identical": bool(whole.identical(wanted)),
        "part": int(alone.decode_cost.size),
        "part_identical": bool(np.array_equal(alone.decode_cost, block, equal_nan=True)),
        "best_identical": bool(best(whole).equals(best(wanted))),
    }


def best(found: xr.Dataset) -> Any:
    return ts.best(found[["decode_cost"]].sel(quantile=0.5), "decode_cost", by="model")


def overheads(scenarios: int) -> dict[str, float]:
    """What the scheduler takes for a task that does nothing, how many tasks a block is, and what a block sends."""
    dask: Any = import_module("dask")
    asked = question(scenarios)
    blocks = asked.decode_cost.data.npartitions
    graph = dask.optimize(reduced(asked))[0].__dask_graph__()
    idle = [dask.delayed(abs, pure=False)(place) for place in range(5000)]
    with cluster(2) as client:
        begun = time.perf_counter()
        client.gather(client.compute(idle))
        seconds = (time.perf_counter() - begun) / len(idle)
    one = reduced(question(scenarios)[{dim: [0] for dim in ("model", "chip", "precision", "batch")}]).compute()
    return {"blocks": blocks, "tasks": len(graph), "seconds_of_a_task": seconds, "bytes_of_a_block": len(pickle.dumps(one)),
            "bytes_of_answers": 9 * scenarios}  # fmt: skip


def run(largest: int) -> dict[str, Any]:
    sizes = [size for size in SIZES if size <= largest]
    lines, found = [], {}
    for size in sizes:
        line, found[size] = measured(size, 2)
        lines.append(line)
    at = min(largest, COMPARED)
    pairs = [{str(workers): measured(at, workers)[0] for workers in (1, 2)} for _ in range(REPEATS)]
    seconds = min(pair["2"]["seconds"] for pair in pairs)
    return {
        "day": datetime.date.today().isoformat(),
        "machine": machine(),
        "sizes": lines,
        "workers": {"scenarios": at, "pairs": pairs},
        "killed": killed(at, seconds, found[at]),
        "compared": compared(largest, found[at]),
        "overheads": overheads(largest),
    }  # fmt: skip


HEAD = """# A billion scenarios, and beyond

Generated by `python validation/billion.py` from a run; do not edit. `just billion` repeats it. How to ask for them:
[sweep.md](sweep.md).
"""


def page() -> str:
    found = json.loads(FOUND.read_text(encoding="utf-8"))
    lines, workers, killed, compared, over = (
        found[key] for key in ("sizes", "workers", "killed", "compared", "overheads")
    )
    last, pairs = lines[-1], workers["pairs"]
    return f"""{HEAD}
{found["day"]}, {found["machine"]}. A machine that does nothing else has a load of 2 while this runs; this one had, as each line ended,
{", ".join(f"{each['load']:.1f}" for each in lines)}. Where that is more, seconds are longer by what others took; seconds of processors hardly are.

The question: `decode_cost` of {len(MODELS)} models on {len(CHIPS)} chips, in 2 precisions and 5 batches, and of each of these {COMBINATIONS:,}
combinations as many draws of context and utilization as it takes, correlated at -0.3. The answer: the quantiles of each combination,
how many scenarios have no answer and why, and a histogram of all. Two workers of one thread each, with the scheduler of `distributed`,
whose start is not counted.

| scenarios | seconds | seconds of processors | million a second of a processor | GiB of all processes at their peak |
| --- | --- | --- | --- | --- |
{chr(10).join(map(size_row, lines))}

![Time and memory by the number of scenarios](sweep.png)

- **{last["scenarios"]:,} scenarios** took {last["seconds"] / 60:,.1f} minutes and at most {last["bytes"] / 2**30:.2f} GiB, what processes share counted for each;
  promised are less than {LIMIT / 2**30:g}.
- **Two workers** were {least(pairs, "1") / least(pairs, "2"):.2f} times as fast as one with {workers["scenarios"]:,} scenarios, the shortest of {len(pairs)} runs each, in turns (pair by
  pair {", ".join(f"{pair['1']['seconds'] / pair['2']['seconds']:.2f}" for pair in pairs)}). Both together took {least(pairs, "2", "processor_seconds") / least(pairs, "1", "processor_seconds"):.2f} times the processors' seconds of one.
- **A worker killed** {"in the middle" if killed["killed_while_running"] else "AFTER THE END"} of {killed["scenarios"]:,} scenarios: {the_same(killed["identical"])} results to the bit, in {killed["seconds"]:,.1f} seconds.
- **Blocks against memory**: {compared["scenarios"]:,} scenarios computed at once have {the_same(compared["identical"])} quantiles, outcomes and histogram to the
  bit, and {the_same(compared["best_identical"])} best of each model; {compared["part"]:,} answers of the {last["scenarios"]:,}, computed alone, are {the_same(compared["part_identical"])}.

## On a cluster, on paper

Nothing was run on more than this machine. The table is arithmetic on what was measured here: a block of {last["scenarios"] / over["blocks"]:,.0f}
scenarios takes a worker {block_seconds(found):.2f} seconds and is {over["tasks"] / over["blocks"]:.1f} tasks, of which the scheduler can give out one in {1e3 * over["seconds_of_a_task"]:.2f} ms,
measured with tasks that do nothing; its results are {over["bytes_of_a_block"] / 1e3:,.1f} kB. Assumed and not measured: workers as fast as these, and
{8 * NETWORK / 1e9:g} Gbit/s into the scheduler's machine. For {last["scenarios"]:,} scenarios:

{on_paper(found)}

**The limit** is the scheduler: from {most_workers(found):,.0f} workers on it has no more to give out, and others wait. Larger blocks move that
limit up in step with them (`chunks=`, a number of cells), and so do functions that take longer. Reductions send next to nothing. The
answers themselves are {over["bytes_of_answers"] / 1e9:,.0f} GB, which workers write to Zarr where all of them reach it; Parquet and CSV are written by one
process, so there the network into it is the limit: {over["bytes_of_answers"] / NETWORK:,.0f} seconds of the same {8 * NETWORK / 1e9:g} Gbit/s.
"""


def size_row(line: dict[str, Any]) -> str:
    rate = line["scenarios"] / line["processor_seconds"] / 1e6
    return (f"| {line['scenarios']:,} | {line['seconds']:,.1f} | {line['processor_seconds']:,.1f} | {rate:.2f} | "
            f"{line['bytes'] / 2**30:.2f} |")  # fmt: skip


def least(pairs: list[dict[str, Any]], workers: str, what: str = "seconds") -> float:
    return min(float(pair[workers][what]) for pair in pairs)


def the_same(identical: bool) -> str:
    return "the same" if identical else "OTHER"


def block_seconds(found: dict[str, Any]) -> float:
    return float(found["sizes"][-1]["processor_seconds"] / found["overheads"]["blocks"])


def most_workers(found: dict[str, Any]) -> float:
    """So many that the scheduler gives out tasks just as fast as they are done."""
    over = found["overheads"]
    return block_seconds(found) * over["blocks"] / (over["tasks"] * over["seconds_of_a_task"])


def on_paper(found: dict[str, Any]) -> str:
    """Seconds by the number of workers; of what runs side by side the longest counts."""
    over = found["overheads"]
    rows = [
        "| workers | computing, s | giving out tasks, s | receiving results, s | all, s |",
        "| --- | --- | --- | --- | --- |",
    ]
    for workers in WORKERS:
        parts = (
            -(-over["blocks"] // workers) * block_seconds(found),
            over["tasks"] * over["seconds_of_a_task"],
            over["blocks"] * over["bytes_of_a_block"] / NETWORK,
        )
        numbers = " | ".join(f"{each:,.2f}" for each in parts)
        rows.append(f"| {workers:,} | {numbers} | {max(parts):,.1f} |")
    return "\n".join(rows)


def draw_picture() -> None:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    lines = json.loads(FOUND.read_text(encoding="utf-8"))["sizes"]
    scenarios = [each["scenarios"] for each in lines]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for axes, title, values, colour in (
        (left, "Seconds, two workers", [each["seconds"] for each in lines], "#12507B"),
        (right, "GiB of all processes, at the peak", [each["bytes"] / 2**30 for each in lines], "#12507B"),
    ):
        axes.plot(scenarios, values, "o-", color=colour)
        axes.set_xscale("log")
        axes.set_title(title, fontsize=10, loc="left")
        axes.set_xlabel("Scenarios")
        axes.grid(color="#C9D1DA", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
    left.set_yscale("log")
    right.axhline(LIMIT / 2**30, color="#D9480F", linestyle="--", linewidth=1)
    right.set_ylim(0, 1.15 * LIMIT / 2**30)
    figure.savefig(PICTURE, dpi=110, metadata={"Software": None})


def main(words: list[str]) -> None:
    largest = int(float(words[0])) if words else SIZES[-1]
    found = run(largest)
    if largest < SIZES[-1]:
        print(json.dumps(found, indent=1))
        return
    FOUND.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    draw_picture()


if __name__ == "__main__":
    main(sys.argv[1:])
