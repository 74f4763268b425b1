"""`make test-cluster`: the indicators on a real Spark, then one line that sums."""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from suite import Run  # noqa: E402


def main(arguments):
    with tempfile.TemporaryDirectory(prefix="kw-cluster-") as folder:
        run = Run("cluster", ["tests/cluster"], Path(folder) / "run", arguments)
        run.run()
    print(run.count, flush=True)
    return 1 if run.count.failed or not run.count.passed else 0


if __name__ == "__main__":
    os.environ["PYTHONUNBUFFERED"] = "1"
    sys.exit(main(sys.argv[1:]))
