"""Gives a test run a data folder of its own. Loaded by `-p`, because Django reads its settings before any
conftest: a test must never touch the data of a site on this machine."""

import atexit
import os
import shutil
import tempfile

if "KINWEAVE_HOME" not in os.environ or "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["KINWEAVE_HOME"] = tempfile.mkdtemp(prefix="kw-test-home-")
    atexit.register(shutil.rmtree, os.environ["KINWEAVE_HOME"], ignore_errors=True)
