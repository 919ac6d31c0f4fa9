"""Hypothesis profiles: ``dev`` is quick and random, ``ci`` tries more and is the same every time.

Choose with the environment variable ``HYPOTHESIS_PROFILE``.
"""

import atexit
import os
import shutil
import tempfile

from hypothesis import HealthCheck, settings

# Timing says nothing on a busy machine, so no deadline and no complaint about slow drawing.
settings.register_profile(
    "dev", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

# Compiled objects go to a folder of this run, which the processes it starts share.
if "EVERYPATH_CACHE" not in os.environ:
    os.environ["EVERYPATH_CACHE"] = tempfile.mkdtemp(prefix="everypath-")
    atexit.register(shutil.rmtree, os.environ["EVERYPATH_CACHE"], ignore_errors=True)
