"""Hypothesis profiles: ``dev`` is quick, ``ci`` tries more, ``explore`` draws anew each time.

Choose with the environment variable ``HYPOTHESIS_PROFILE``. The first two draw the same examples
on every machine: whoever runs the tests learns about the code, not about their luck. ``explore``
is for developers who look for examples that nobody has tried; one that fails becomes an
``@example`` of its test.
"""

import atexit
import os
import shutil
import tempfile

from hypothesis import HealthCheck, settings

# Timing says nothing on a busy machine, so no deadline and no complaint about slow drawing.
quiet = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", quiet, max_examples=40, derandomize=True)
settings.register_profile("ci", quiet, max_examples=100, derandomize=True)
settings.register_profile("explore", quiet, max_examples=300)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

# Compiled objects go to a folder of this run, which the processes it starts share.
if "EVERYPATH_CACHE" not in os.environ:
    os.environ["EVERYPATH_CACHE"] = tempfile.mkdtemp(prefix="everypath-")
    atexit.register(shutil.rmtree, os.environ["EVERYPATH_CACHE"], ignore_errors=True)
