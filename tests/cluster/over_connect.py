"""Run the whole catalogue over Spark Connect, in a process of its own: one process holds one kind of Spark client.

python -m tests.cluster.over_connect ADDRESS LAKE
"""

from __future__ import annotations

import sys
from pathlib import Path

from kinweave.learn.lake import open_lake
from tests.cluster.compared import KEY, compare


def main(address: str, folder: str) -> None:
    spark, duck = open_lake(Path(folder), KEY, address), open_lake(Path(folder), KEY, "duckdb")
    print(compare(spark, duck))
    spark.close()
    duck.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
