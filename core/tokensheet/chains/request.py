"""A request: its prompt in a pass of its own, its answer at the context half-way through."""

from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.chains.decode import DECODE, ENDS
from tokensheet.chains.prompt import PROMPT
from tokensheet.pricing import mean_context, request_total

REQUEST = Chain((
    Q("context", "Context half-way through the answer", mean_context, ("input_tokens", "output_tokens")),
    *DECODE,
    *(each for each in PROMPT if each not in DECODE),
    *(Q(f"{end}request_cost", f"Cost of a request{words}", request_total,
        ("input_tokens", f"{end}prefill_cost", "output_tokens", f"{end}token_cost"))
      for end, words in ENDS.items()),
))  # fmt: skip
