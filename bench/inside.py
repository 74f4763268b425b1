"""Runs one function of this package inside a site: `python -m bench.inside module:function` with JSON on its input.

The answer is the last line printed.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module


def main() -> int:
    import django

    django.setup()
    module, _, function = sys.argv[1].partition(":")
    asked = json.loads(sys.stdin.read() or "{}")
    answer = getattr(import_module(module), function)(**asked)
    print(f"\n{json.dumps(answer)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
