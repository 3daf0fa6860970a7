"""The electricity of an output token: what the chips of a decode step draw."""

from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.chains.decode import DECODE, ENDS
from tokensheet.energy import energy_per_token

ENERGY = Chain((
    *DECODE,
    *(Q(f"{end}token_energy", f"Energy of a token{words}", energy_per_token,
        ("power_w", f"{end}step_time", "batch", "chips", "power_share", "host_share", "pue"))
      for end, words in ENDS.items()),
))  # fmt: skip
