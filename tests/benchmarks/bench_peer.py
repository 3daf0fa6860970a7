"""What NVIDIA's aiconfigurator is asked for docs/accuracy.md: our answers in one array call, its own one by one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from another import Another, another
from peer import SOME, scenarios
from tokensheet.chains import SERVICE
from tokensheet.measured import columns

HERE = Path(__file__).parent
PACKAGE = "aiconfigurator==0.12.0"
SCENARIOS = [inputs for _, inputs in scenarios()]
ASKED = {"some": SOME, "all": len(SCENARIOS)}


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Another]:
    """The peer in an environment of its own, since it pins other versions of what tokensheet uses."""
    python = tmp_path_factory.mktemp("peer") / "bin/python"
    subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-compile", PACKAGE, HERE.parents[1]], check=True)
    with another(python, HERE / "peer.py") as peer:
        peer.ask("none")
        yield peer


@pytest.mark.benchmark(group="scenarios of the peer's file")
def test_tokensheet(benchmark: Any) -> None:
    """TTFT and TPOT, as the peer gives them."""
    values = columns(SCENARIOS)
    benchmark.extra_info["calls"] = len(SCENARIOS)
    benchmark(SERVICE.evaluate, values | {"batch": values["users"]}, "token_time", "ttft")


@pytest.mark.benchmark(group="scenarios of the peer's file")
@pytest.mark.parametrize("which", ASKED)
def test_aiconfigurator(benchmark: Any, peer: Another, which: str) -> None:
    benchmark.extra_info["calls"] = ASKED[which]
    benchmark.pedantic(peer.ask, (which,))
