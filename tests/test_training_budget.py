"""The budget of a training run: that it says what the functions do, in each scenario, and what its checks find."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from hosts.ironcalc import Edited
from tokensheet_templates.book import Block, Blocks
from tokensheet_templates.training_budget import training_budget
from workbooks import loaded

DENSE = dict(model="Llama-3.1-405B", run_tokens=15600, run_context=8192, run_chips=16384, chip="H100", run_mfu=0.4,
             energy_paid="beside the rent", ablations=0.5, rollouts=50, people=300, survival=1)  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return training_budget().save(tmp_path_factory.mktemp("training") / "budget.xlsx")


@pytest.fixture(scope="module", params=[{}, DENSE], ids=["base", "dense"])
def blocks(request: pytest.FixtureRequest) -> Blocks:
    return training_budget(**request.param).write(io.BytesIO(), "native")


def one(blocks: Blocks, key: str) -> Any:
    return blocks[key].values.item()


def row(blocks: Blocks, key: str) -> np.ndarray:
    return blocks[key].values.ravel()


def cell(block: Block) -> str:
    return f"{block.sheet}!{block.range.partition(':')[0].replace('$', '')}"


def test_flops_are_those_of_the_functions(blocks: Blocks) -> None:
    model = ts.models()[one(blocks, "model")]
    tokens, context = one(blocks, "run_tokens") * 1e9, one(blocks, "run_context")
    shape = one(blocks, "attending"), one(blocks, "attention_width"), context
    assert shape[0] == model["full_attention_layers"]
    assert one(blocks, "weight_flops") == pytest.approx(ts.training_flops(model["active_params"], tokens), rel=1e-12)
    final = ts.training_flops(model["active_params"], tokens, *shape)
    assert one(blocks, "final_flops") == pytest.approx(final, rel=1e-12)
    rollouts = ts.rl_flops(model["active_params"], one(blocks, "rollouts") * 1e9, 0.5, 6, 2)
    assert one(blocks, "rl_flops") == pytest.approx(ts.effective_flops(rollouts, 0.25), rel=1e-12)


def test_time_and_rent_are_those_of_the_functions(blocks: Blocks) -> None:
    chip, chips = ts.chips()["H100 SXM"], one(blocks, "run_chips")
    for work in ("final", "trial", "rl"):
        time = ts.training_time(one(blocks, f"{work}_flops"), chips, chip["bf16_flops"], one(blocks, "run_mfu")) * 1.1
        assert one(blocks, f"{work}_days") == pytest.approx(time / 86400, rel=1e-12)
        said = ts.training_cost(time, chips, chip["usd_per_hour"])
        assert one(blocks, f"{work}_cost") == pytest.approx(said, rel=1e-12)


def test_the_budget_is_its_parts_and_energy_counts_once(blocks: Blocks) -> None:
    parts = row(blocks, "bridge_part")
    assert parts[-1] == one(blocks, "budget") == pytest.approx(parts[:-1].sum(), rel=1e-12)
    beside = one(blocks, "energy_paid") == "beside the rent"
    assert one(blocks, "energy_cost") == (one(blocks, "energy_used") if beside else 0)
    assert one(blocks, "energy_used") == pytest.approx(one(blocks, "chip_hours") * 1.3 * 1.25 * 0.08, rel=1e-12)


def test_how_long_to_train_is_what_the_functions_say(blocks: Blocks) -> None:
    active, tokens = one(blocks, "active"), one(blocks, "final_tokens")
    life = ts.lifetime_tokens(500e9 / 86400, 540, one(blocks, "survival"))
    assert one(blocks, "life_tokens") == pytest.approx(life, rel=1e-12)
    assert one(blocks, "optimal_tokens") == pytest.approx(ts.chinchilla_tokens(active), rel=1e-12)
    assert one(blocks, "over") == pytest.approx(ts.overtraining(tokens, active), rel=1e-12)
    assert one(blocks, "equal_serving") == pytest.approx(ts.equal_cost_tokens(life, 2, 0.3), rel=1e-12)
    equal = ts.equal_cost_tokens(one(blocks, "rollout_tokens"), 2 + 6 * 0.5 + 4, 0.25)
    assert one(blocks, "equal_rollouts") == pytest.approx(equal, rel=1e-12)
    assert sum(one(blocks, f"{part}_part") for part in ("final", "rl", "life")) == pytest.approx(1, rel=1e-12)
    assert one(blocks, "training_mtok") == pytest.approx(one(blocks, "budget") / life * 1e6, rel=1e-12)


def test_memory_is_what_the_function_says(blocks: Blocks) -> None:
    model = ts.models()[one(blocks, "model")]
    kept = 16 * model["total_params"] / one(blocks, "run_chips")
    activations = ts.activation_memory(model["layers"], 4096, model["hidden"], 2, 2)
    assert one(blocks, "memory_needed") == pytest.approx(kept + activations, rel=1e-12)


def test_models_of_the_same_loss_have_the_same_loss_and_the_cheapest_is_found(blocks: Blocks) -> None:
    losses = 406.4 / row(blocks, "params_here") ** 0.34 + 410.7 / row(blocks, "tokens_here") ** 0.28
    assert losses == pytest.approx(one(blocks, "loss"), rel=1e-9)
    costs, place = row(blocks, "both_here"), int(one(blocks, "best_place")) - 1
    assert costs[place] == costs.min()
    assert one(blocks, "best_over") == row(blocks, "over_here")[place]
    assert 0 < place < costs.size - 1


def test_it_has_paid_in_the_month_that_the_board_names(blocks: Blocks) -> None:
    left, month = row(blocks, "left"), int(one(blocks, "payback"))
    assert month == next((each for each in range(1, 37) if left[each - 1] >= 0), 0)
    months = 540 * 12 / 365
    served = sum(max(0, min(1, months - each)) * min(1, (each + 1) / 6) for each in range(36))
    profit = served * 500e3 * 365 / 12 * one(blocks, "survival") * 1.2 * 0.6
    assert one(blocks, "left_at_end") == pytest.approx(profit - one(blocks, "budget"), rel=1e-9)


def test_the_middle_of_the_two_way_table_is_the_budget(blocks: Blocks) -> None:
    assert blocks["two_way"].values[3, 3] == pytest.approx(one(blocks, "budget"), rel=1e-9)


@pytest.mark.parametrize(("scenario", "place"), [("Low", 0), ("High", 2)])
def test_a_scenario_is_the_workbook_with_its_values_as_the_base(
    path: Path, tmp_path: Path, scenario: str, place: int
) -> None:
    edited, label = Edited(path), f"{scenario} scenario: budget"
    edited.type({"Inputs!C7": scenario})
    assert edited.show("Checks!A3") == "All checks pass"
    values = {each.key: each.rows[0][1 if each.rows[0][place] is None else place] for each in training_budget().inputs}
    other = loaded(training_budget(**values).save(tmp_path / "other.xlsx"), data_only=True)["Board"]
    rows = {other[f"A{number}"].value: number for number in range(7, 20)}
    for number in set(rows.values()) - {rows["Low scenario: budget"], rows["High scenario: budget"]}:
        assert edited.show(f"Board!C{number}") == pytest.approx(other[f"C{number}"].value, rel=1e-9)
    budget = loaded(path, data_only=True)["Board"][f"C{rows[label]}"].value
    assert edited.show(f"Board!C{rows['Budget']}") == pytest.approx(budget, rel=1e-9)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("attention_flops", "Training: FLOPs are 6 N D and those of attention"),
        ("days", "Training: days x chips are chip-hours"),
        ("people_cost", "Sensitivity: the live case is the budget on Training"),
        ("loss", "Life: at our tokens the law gives our parameters"),
    ],
)
def test_a_formula_that_is_typed_over_is_found_by_its_check(path: Path, blocks: Blocks, key: str, said: str) -> None:
    edited = Edited(path)
    edited.type({cell(blocks[key]): 1})
    failed = [label.value for label, _, result in loaded(path)["Checks"].iter_rows(min_row=6, max_col=3)
              if edited.show(f"Checks!{result.coordinate}") == 0]  # fmt: skip
    assert said in failed


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (dict(run_chips=64), "A check fails: Training: memory fits"),
        (dict(chip="A100", precision="fp8", price_basis="1 year"),
         "A check fails: Training: the chip has a rate in this format and a rent, the model parameters"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_so_is_a_failing_check(tmp_path: Path, given: dict[str, Any], said: str) -> None:
    path = training_budget(**given).save(tmp_path / "budget.xlsx")
    assert loaded(path, data_only=True)["Checks"]["A3"].value == said


def test_a_share_of_energy_that_is_not_usual_is_an_alert(tmp_path: Path) -> None:
    path = training_budget(power_w=10000, people=1, data=0).save(tmp_path / "budget.xlsx")
    page = loaded(path, data_only=True)["Checks"]
    results = {label.value: result.value for label, _, result in page.iter_rows(min_row=6, max_col=3)}
    assert page["A3"].value == "All checks pass"
    assert results["Training: energy is no larger share than is usual, Inputs"] == 0
