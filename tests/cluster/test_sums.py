"""The sums that the statistics need are the same on a real cluster as from rows in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kinweave.measures.moments import take_moments
from kinweave.measures.strata import take_strata
from tests.cluster.compared import KEY, sealed
from tests.learn.little_lakes import a_programme
from tests.measures.simulate import COLUMNS, community, repeated

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.timeout(600),  # several questions to a cluster that shares this machine
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


def on(backend: Any, rows: dict[str, Any], name: str) -> Any:
    """The rows as a table of the cluster."""
    columns = ([str(v) if isinstance(v, str) else v for v in column.tolist()] for column in rows.values())
    table = [dict(zip(rows, values, strict=True)) for values in zip(*columns, strict=True)]
    backend._session.createDataFrame(table).createOrReplaceTempView(name)
    return backend.table(name)


def test_sums_are_those_of_rows(tmp_path, standalone, on_spark) -> None:
    """One session for all of it: starting one takes longer than the sums."""
    backend = on_spark(standalone, sealed(tmp_path, a_programme(1, 5)), KEY).backend
    rows = repeated(7, 40)
    rows["score"][0] = np.nan
    asked: dict[str, Any] = {"person": "person", "time": "month", "score": "score", "groups": ["arm"]}
    ours = take_moments(rows, **asked)
    theirs = take_moments(on(backend, rows, "scores"), **asked).moved(ours.origin, ours.unit)
    assert [(p.group, p.visits, p.n) for p in theirs.patterns] == [(p.group, p.visits, p.n) for p in ours.patterns]
    for p, q in zip(theirs.patterns, ours.patterns, strict=True):
        assert p.products == pytest.approx(q.products, abs=1e-10)
    for binary in (True, False):
        people = community(1, 300, binary=binary)
        more: dict[str, Any] = {"columns": COLUMNS, "outcome": "y", "binary": binary}
        cluster, here = take_strata(on(backend, people, f"people{binary}"), **more), take_strata(people, **more)
        assert cluster.names == here.names
        assert cluster.mean == pytest.approx(here.mean, abs=1e-10)
        assert cluster.cross == pytest.approx(here.cross, abs=1e-9)
