"""The compositions, one file a subject; whatever asks what a step, a prompt or a request takes is read off these."""

from tokensheet.chains.decode import DECODE as DECODE
from tokensheet.chains.deployment import DEPLOYMENT as DEPLOYMENT
from tokensheet.chains.energy import ENERGY as ENERGY
from tokensheet.chains.prompt import PROMPT as PROMPT
from tokensheet.chains.service import SERVICE as SERVICE
from tokensheet.chains.training_run import TRAINING_RUN as TRAINING_RUN
