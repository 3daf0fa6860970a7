"""What does a token cost, and why? The arithmetic of serving and training large language models.

Every equation takes numbers, arrays, pandas objects or cells (`tokensheet.Cell`, which give the Excel formula), in SI
base units: tokens, bytes, bytes/s, FLOP/s, seconds, US dollars.
"""

from tokensheet.stubs import attach_stub

__getattr__, __dir__ = attach_stub(__name__)
