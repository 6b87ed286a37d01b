"""The model that replicates CLC+ on Sentinel-2. torch lives here and nowhere else."""

import os

# Threads of torch that wait for each other keep their cores busy unless told otherwise; where other
# processes want these cores too, each step then takes ten times as long. Those that sleep at once
# make each step half as long again on a quiet machine: they wait for some microseconds first. Read
# when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "20000")
