"""The page Board of training-budget: the budget, its range, what it has to earn, and four charts on one sheet."""

from __future__ import annotations

from tokensheet_templates.answers import MILLIONS, draw_bridge, draw_tornado, told
from tokensheet_templates.board import HALF
from tokensheet_templates.charts import Line, draw_lines
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.style import ACCENT

ANSWERS = {
    "budget": "Budget", "low_budget": "Low scenario: budget", "high_budget": "High scenario: budget",
    "final_cost": "Final run alone", "final_days": "Days of the final run", "final_flops": "Its FLOPs",
    "memory_used": "Memory of a chip that is used", "over": "Overtraining: tokens over the optimal",
    "best_over": "Overtraining at which training and serving cost least",
    "equal_serving": "Tokens that cost as much as serving",
    "training_mtok": "Training, of each million tokens served", "payback": "Month in which it has paid, 0 if none does",
    "left_at_end": "Earned over its life, less the budget",
}  # fmt: skip


def write_board(book: Kernel) -> None:
    page = book.page("Board", "What it costs to train, and what it has to earn, by the million tokens.", 8, 13)
    page.lay("The answer", [told(book, key, label) for key, label in ANSWERS.items()])
    write_charts(book, page.below(36))


def write_charts(book: Kernel, row: int) -> None:
    page, blocks = book.pages["Board"], book.blocks
    draw_bridge(book, (row, 0), "Bridge: what the budget is made of, $", MILLIONS)
    draw_tornado(book, (row, 4), "Tornado: what moves the budget most, $", MILLIONS)
    costs = {
        "train_cost_here": ("Training", "#8EC5F2"),
        "serve_cost_here": ("Serving", "#6FBF8B"),
        "both_here": ("Both", ACCENT),
    }
    lines = [Line(name, blocks[key], colour) for key, (name, colour) in costs.items()]
    title = "Same quality: cost over its life by overtraining, $"
    draw_lines(page, (row + 18, 0), title, blocks["over_label"], lines, MILLIONS, size=HALF)
    left = [Line("Earned less the budget", blocks["left"], ACCENT, 2.5)]
    draw_lines(
        page, (row + 18, 4), "Earned so far, less the budget, by month, $", blocks["month"], left, MILLIONS, size=HALF
    )
