"""The model that replicates CLC+ on Sentinel-2. torch lives here and nowhere else."""

import os

# Threads of torch that wait for each other keep their cores busy unless told otherwise; where other
# processes want these cores too, each step then takes ten times as long. Read when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
