"""Gives a test run a data folder of its own. Loaded by `-p`, because Django reads its settings before any
conftest: a test must never touch the data of a site on this machine."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Small matrices, many processes: more threads would only wait for each other. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if "KINWEAVE_HOME" not in os.environ or "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["KINWEAVE_HOME"] = tempfile.mkdtemp(prefix="kw-test-home-")
    # A file, not memory: threads of the live server and of concurrency tests then lock as a real site does.
    os.environ["KINWEAVE_TEST_SQLITE"] = str(Path(os.environ["KINWEAVE_HOME"]) / "test.sqlite3")
    atexit.register(shutil.rmtree, os.environ["KINWEAVE_HOME"], ignore_errors=True)
