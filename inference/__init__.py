"""The model that maps the classes of CLC+ from Sentinel-2. Only this package imports torch.

Other packages import a room, or a module that the room's ``__all__`` names.
"""

import os

# By default torch's threads wait for each other in a busy loop. Where other processes need the same
# cores, each step then takes ten times as long. Threads that sleep at once make a step half as long
# again on a quiet machine, so they spin for some microseconds first. torch reads both variables
# when it is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "20000")
