"""What one client may ask of the server: every limit, and why it is where it is.

Beyond a limit stands an answer of one line that names it and the way out. Together they bound what the server holds: of
memory, files and time, whatever is sent.
"""

from __future__ import annotations

from tokensheet_udfs.convert import MOST_CELLS as MOST_CELLS  # of all results of a batch together, too

TOKEN = "TOKENSHEET_TOKEN"  # environment variable with the token that a request has to bring
MB = 2**20

# ---- a connection

MOST_CONNECTIONS = 512  # some for each of a hundred users; beyond it whoever has least time left makes room
BACKLOG = 4096  # connections that the system keeps for us until we take them; beyond it a client tries again after 1 s
AT_ONCE = 16  # of them that we take in one step of the event loop
MOST_FILES = 8192  # where the system lets us: besides those connections, the ones that are still agreeing on TLS
MOST_FRAMING_BYTES = 64 * 2**10  # of a request that are not its body; browsers and proxies send a few KB of headers
HEADER_SECONDS = 10  # from the connection, or the answer before, to the last header
BODY_SECONDS = 60  # half of what our script waits for an answer; the largest body needs 18 Mbit/s then
SENDING_SECONDS = 60  # to take an answer that does not fit into the system's buffers
LINGER_SECONDS = 5  # to take what is left when we have closed

# ---- a batch of calls

MOST_BYTES = 128 * MB  # of a body: four million numbers with all their digits and some more
MOST_CALLS = 10_000  # five of our script's largest batches
MOST_VALUES = 4 * MOST_CELLS  # in a body, counted by its commas: each is an object in memory once it is read
MOST_ANSWER_BYTES = 128 * MB  # as much as is taken; texts and reasons make more of a cell than its number
MOST_REASON = 500  # characters of a reason, which quotes what it was given; a cell shows fewer

# ---- the processes that compute

MOST_WORKERS = 64  # more than a machine for this has cores
COMPUTING_SECONDS = 10  # four million numbers take 3; our script asks for what takes longer again in halves
WORKBOOK_SECONDS = 60  # each takes 2; no client can make one longer, and nobody can ask for half of one
WAITING_SECONDS = 60  # for a process to be free, with BODY_SECONDS what our script waits
MOST_WAITING = 256  # requests that wait for a process; each of a hundred users sends one or two at a time
STARTING_SECONDS = 60  # a new process takes one, on a machine that is busy some more
TRIES = 3  # of a batch whose process was killed by somebody else, which may have happened to the next one too
MOST_MEMORY = 3 * 2**30  # of a process; the largest batches within the limits above take one

# ---- the server

MOST_HELD = 512 * MB  # of bodies and answers, beyond the first MB of each, which all connections have at once
MOST_LOG = 500  # characters of a line in the log
CHUNK = 64 * 2**10  # bytes that are passed on in one step, so that nothing holds the event loop up
