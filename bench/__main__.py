"""`python -m bench [NAMES] [--quick] [--sites FOLDER] [--json FILE]`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from bench import actions, disclosure, lake, measures, memory, openrosa, pages, phone, replay
from bench.table import as_data, machine, progress

# In this order: what needs the least first.
ALL: dict[str, Any] = {
    "memory": memory, "measures": measures, "disclosure": disclosure, "replay": replay, "lake": lake,
    "actions": actions, "openrosa": openrosa, "phone": phone, "pages": pages,
}  # fmt: skip
NEED_SITES = {"lake", "pages"}


def main(argv: list[str] | None = None) -> int:
    """Run the benchmarks and print their tables; 0 unless one could not be run."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*ALL, []], help="which to run (all)")
    parser.add_argument("--quick", action="store_true", help="everything small, to see that it runs")
    parser.add_argument("--sites", type=Path, help="keep generated sites in this folder and use them again")
    parser.add_argument("--json", type=Path, help="write the rows to this file, too")
    asked = parser.parse_args(argv)
    line = machine()
    print(line, flush=True)
    if asked.quick:
        print("Small sizes: these figures only show that everything runs.", flush=True)
    told: dict[str, Any] = {"machine": line, "quick": asked.quick}
    for name in asked.names or ALL:
        began = time.perf_counter()
        more = {"sites": asked.sites} if name in NEED_SITES else {}
        told[name] = as_data(ALL[name].run(quick=asked.quick, **more))
        progress(f"{name}: {time.perf_counter() - began:.0f} s")
        if asked.json:
            asked.json.write_text(json.dumps(told, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
