"""The statistics beside a bare scan of the same columns, and beside lme4 and statsmodels where they are installed.

Repeated scores: people seen up to four times who stop coming, in a Parquet file; from the file to the fitted model.
Gaps: yes or no of people in 48 strata. Each of ours runs in a process of its own, so that its memory can be told.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.table import ROOT, Rounds, Row, peak, progress, show, timed

PATIENCE = 1800  # seconds for other software; what takes longer is left out and said


def run(quick: bool = False) -> list[Row]:
    folder = Path(tempfile.mkdtemp(prefix="kinweave-bench-measures-"))
    try:
        repeated = _repeated(folder, quick)
        show("The statistics: change over time", repeated)
        strata = _strata(folder, quick)
        show("The statistics: gaps between groups", strata)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return repeated + strata


def _repeated(folder: Path, quick: bool) -> list[Row]:
    rows: list[Row] = []
    rounds = 1 if quick else 3
    for people in (10_000,) if quick else (100_000, 1_000_000, 10_000_000):
        progress(f"repeated scores of {people:,} people")
        path = folder / f"scores{people}.parquet"
        scores = make_scores(path, people)
        scan = _scan(path, ("person", "month", "score", "arm"), rounds)
        ours = _ours("slopes", path, rounds if people < 10_000_000 else 1)
        what = f"change over time, {people:,} people, {scores:,} scores"
        whole = Rounds.of([a + b for a, b in zip(ours["sums"], ours["fit"], strict=True)])
        parts = f"sums {Rounds.of(ours['sums']).median:.2f} s, model {Rounds.of(ours['fit']).median:.3f} s"
        note = f"{parts}; {ours['memory']:.0f} MB at most; criterion {ours['criterion']:.4f}"
        rows.append(whole.row(what, "s", yardstick="a DuckDB scan of the same columns", beside=scan.median, note=note))
        if people <= 1_000_000:
            rows += _beside_lmer(folder, path, people, whole, ours["criterion"])
        path.unlink(missing_ok=True)
    rows += _beside_statsmodels(folder, 1_000 if quick else 10_000)
    return rows


def _strata(folder: Path, quick: bool) -> list[Row]:
    rows: list[Row] = []
    rounds = 1 if quick else 3
    for people in (20_000,) if quick else (100_000, 1_000_000):
        progress(f"gaps between 48 strata of {people:,} people")
        path = folder / f"people{people}.parquet"
        make_people(path, people)
        scan = _scan(path, ("gender", "place", "age", "y"), rounds)
        ours = _ours("gaps", path, rounds)
        whole = Rounds.of([a + b for a, b in zip(ours["sums"], ours["fit"], strict=True)])
        fit = Rounds.of(ours["null"])
        main = Rounds.of(ours["main"])
        parts = f"sums {Rounds.of(ours['sums']).median:.2f} s, both models with intervals and strata"
        note = f"{parts} {Rounds.of(ours['fit']).median:.3f} s; {ours['memory']:.0f} MB at most"
        what = f"gaps, {people:,} people in 48 strata, all of the answer"
        rows.append(whole.row(what, "s", yardstick="a DuckDB scan of the same columns", beside=scan.median, note=note))
        rows += _beside_glmer(folder, path, people, ours, (fit, main), quick)
        path.unlink(missing_ok=True)
    return rows


# ------------------------------------------------------------------------------------------- the data


def make_scores(path: Path, people: int) -> int:
    """Scores of two groups at months 0, 3, 6 and 12; a fifth leaves after each. Returns how many rows."""
    import duckdb

    db = duckdb.connect()
    db.execute("SELECT setseed(0.42)")
    # Uniform numbers summed to twelve less six are normal enough for a benchmark.
    normal = "(" + " + ".join(["random()"] * 4) + " - 2) * 1.732"
    db.execute(
        f"CREATE TABLE who AS SELECT i AS person, CASE WHEN i % 2 = 0 THEN 'A' ELSE 'B' END AS arm, "
        f"15 + 3.5 * {normal} AS a, -0.3 + 0.25 * {normal} AS b, random() AS stay FROM range({people}) t(i)"
    )
    db.execute(
        f"COPY (SELECT person, m.month::DOUBLE AS month, arm, round(a + b * m.month + 2 * {normal}, 3) AS score "
        "FROM who, (VALUES (0, 0), (3, 1), (6, 2), (12, 3)) m(month, k) WHERE stay > 0.16 * k) "
        f"TO '{path}' (FORMAT parquet)"
    )
    return int(db.execute(f"SELECT count(*) FROM read_parquet('{path}')").fetchall()[0][0])


def make_people(path: Path, people: int) -> None:
    """People in 2 × 6 × 4 strata with a share of 30 to 50 % each."""
    import duckdb

    db = duckdb.connect()
    db.execute("SELECT setseed(0.42)")
    db.execute(
        "CREATE TABLE who AS SELECT CASE WHEN random() < 0.6 THEN 'f' ELSE 'm' END AS gender, "
        f"'p' || floor(random() * 6)::INT AS place, 'a' || floor(random() * 4)::INT AS age FROM range({people})"
    )
    own = "0.25 * sin(hash(gender || place || age) % 100)"
    share = f"1 / (1 + exp(0.5 - 0.2 * (gender = 'f')::INT + 0.1 * (hash(place) % 3) - {own}))"
    db.execute(
        f"COPY (SELECT gender, place, age, (random() < {share})::INT AS y FROM who) TO '{path}' (FORMAT parquet)"
    )


# ----------------------------------------------------------------------------------------------- ours


def _scan(path: Path, columns: tuple[str, ...], rounds: int) -> Rounds:
    import duckdb

    db = duckdb.connect()
    # Not count or max: these stand in the file's own summary and would read nothing.
    counted = ", ".join(f"bit_xor(hash({c}))" for c in columns)
    return timed(lambda: db.execute(f"SELECT {counted} FROM read_parquet('{path}')").fetchall(), rounds)


def _ours(what: str, path: Path, rounds: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.measures", what, str(path), str(rounds)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def inside(what: str, path: str, rounds: int) -> dict[str, Any]:
    """Runs in a process of its own: seconds of each part in each round, and the memory at most."""
    import ibis

    from kinweave.measures.gaps import fit_gaps
    from kinweave.measures.gaps_fit import rows_of
    from kinweave.measures.moments import take_moments
    from kinweave.measures.slopes import fit_slopes
    from kinweave.measures.strata import take_strata

    told: dict[str, Any] = {"sums": [], "fit": [], "null": [], "main": []}
    few = ibis.duckdb.connect().read_parquet(path).limit(4000)  # so that no round pays for imports
    if what == "slopes":
        take_moments(few, person="person", time="month", score="score", groups=["arm"])
    else:
        take_strata(few, columns=["gender", "place", "age"], outcome="y", binary=True)
    for _ in range(rounds):
        table = ibis.duckdb.connect().read_parquet(path)
        began = time.perf_counter()
        if what == "slopes":
            sums: Any = take_moments(table, person="person", time="month", score="score", groups=["arm"])
            told["sums"].append(time.perf_counter() - began)
            began = time.perf_counter()
            found = fit_slopes(sums, time="month", score="score", group="arm")
            told["fit"].append(time.perf_counter() - began)
            told["criterion"] = found.criterion
        else:
            sums = take_strata(table, columns=["gender", "place", "age"], outcome="y", binary=True)
            told["sums"].append(time.perf_counter() - began)
            began = time.perf_counter()
            gaps = fit_gaps(sums, outcome="y")
            told["fit"].append(time.perf_counter() - began)
            for name, columns in (("null", ()), ("main", sums.columns)):
                told[name].append(_bare_fit(sums, columns, rows_of(sums)))
            told["vpc"], told["se"] = gaps["VPC"].value, fit_gaps(sums, outcome="y", main_effects=False).effects[0].se
            told["cells"] = [[*k, int(e), int(n)] for k, e, n in zip(sums.names, sums.events, sums.n, strict=True)]
    told["memory"] = peak()
    return told


def _bare_fit(sums: Any, columns: tuple[str, ...], rows: Any) -> float:
    """Seconds of the model alone, as glmer fits it: estimates and standard errors, no interval for the spread."""
    import numpy as np

    from kinweave.measures import aghq
    from kinweave.measures.gaps_fit import dummies

    extra, _ = dummies(sums, columns)
    x = np.column_stack([np.ones(len(sums.names)), extra])
    began = time.perf_counter()
    aghq.fit_logit(aghq.Counts(x, sums.events, sums.n, *rows))
    return time.perf_counter() - began


# ------------------------------------------------------------------------------------- other software


def _r(code: str) -> list[float] | str:
    """Numbers that R prints, or why there are none."""
    program = shutil.which("Rscript")
    if program is None:
        return "R is not installed"
    try:
        done = subprocess.run(
            [program, "--vanilla", "-e", f"suppressMessages(library(lme4));{code}"],
            capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"not done after {PATIENCE} s"
    if done.returncode:
        return "R has no lme4" if "no package" in done.stderr else "R gave up"
    return [float(w) for w in done.stdout.split()]


def _csv(path: Path, folder: Path, columns: str) -> Path:
    import duckdb

    to = folder / f"{path.stem}.csv"
    duckdb.connect().execute(f"COPY (SELECT {columns} FROM read_parquet('{path}')) TO '{to}' (FORMAT csv, HEADER)")
    return to


def _beside_lmer(folder: Path, path: Path, people: int, ours: Rounds, criterion: float) -> list[Row]:
    progress(f"lme4 on {people:,} people")
    data = _csv(path, folder, "person, month, arm, score")
    found = _r(
        f"d<-read.csv('{data}');d$arm<-factor(d$arm);s<-proc.time()[3];"
        "m<-suppressWarnings(lmer(score~month*arm+(month|person),d,control=lmerControl(calc.derivs=FALSE)));"
        "cat(proc.time()[3]-s,sprintf('%.6f',REMLcrit(m)))"
    )
    data.unlink(missing_ok=True)
    what = f"the same beside lme4, {people:,} people"
    if isinstance(found, str):
        return [Row(what, None, "s", note=f"left out: {found}")]
    note = f"criterion ours less theirs {criterion - found[1]:+.6f}; theirs without reading the file"
    goal = 0.02 if people >= 1_000_000 else None  # fifty times as quick; it is set for a million
    return [ours.row(what, "s", yardstick="lmer on the people", beside=found[0], ratio_at_most=goal, note=note)]


def _beside_statsmodels(folder: Path, people: int) -> list[Row]:
    what = f"change over time, {people:,} people, beside statsmodels"
    try:
        import pandas as pd
        from statsmodels.regression.mixed_linear_model import MixedLM
    except ImportError:
        return [Row(what, None, "s", note="left out: statsmodels is not installed")]
    import warnings

    progress(f"statsmodels on {people:,} people")
    path = folder / "few.parquet"
    make_scores(path, people)
    ours = _ours("slopes", path, 3)
    whole = Rounds.of([a + b for a, b in zip(ours["sums"], ours["fit"], strict=True)])
    rows = pd.read_parquet(path)
    model = MixedLM.from_formula("score ~ month * arm", groups="person", re_formula="~month", data=rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = timed(model.fit, 1)
    return [whole.row(what, "s", yardstick="MixedLM", beside=theirs.median)]


def _beside_glmer(
    folder: Path, path: Path, people: int, ours: dict[str, Any], fits: tuple[Rounds, Rounds], quick: bool
) -> list[Row]:
    cells = folder / "cells.csv"
    cells.write_text("gender,place,age,e,n\n" + "\n".join(",".join(map(str, c)) for c in ours["cells"]))
    rows: list[Row] = []
    for fit, name, terms in ((fits[0], "null", "1"), (fits[1], "main effects", "gender+place+age")):
        found = _r(
            f"d<-read.csv('{cells}');d$s<-interaction(d$gender,d$place,d$age);"
            f"f<-function()suppressWarnings(glmer(cbind(e,n-e)~{terms}+(1|s),d,binomial,nAGQ=7));invisible(f());s<-proc.time()[3];"
            "for(i in 1:5)m<-f();v<-VarCorr(m)$s[1];cat((proc.time()[3]-s)/5,v/(v+pi^2/3))"
        )
        what = f"the {name} model, {people:,} people, given 48 sums"
        if isinstance(found, str):
            rows.append(Row(what, fit.median, "s", note=f"lme4 left out: {found}"))
            continue
        more = f"; VPC ours less theirs {ours['vpc'] - found[1]:+.1e}" if name == "null" else ""
        note = f"both without intervals for the spread{more}"
        rows.append(fit.row(what, "s", yardstick="glmer on the same sums", beside=found[0], ratio_at_most=1, note=note))
    if quick or people > 100_000:
        terms, name, fit = "1", "null", fits[0]
    else:
        terms, name, fit = "gender+place+age", "main effects", fits[1]
    progress(f"glmer on {people:,} people")
    data = _csv(path, folder, "gender, place, age, y")
    found = _r(
        f"d<-read.csv('{data}');d$s<-interaction(d$gender,d$place,d$age);s<-proc.time()[3];"
        f"m<-suppressWarnings(glmer(y~{terms}+(1|s),d,binomial,nAGQ=7));"
        "cat(proc.time()[3]-s,sqrt(diag(as.matrix(vcov(m))))[1])"
    )
    data.unlink(missing_ok=True)
    total = Rounds(*(x + Rounds.of(ours["sums"]).median for x in (fit.median, fit.low, fit.high)))
    what = f"the {name} model, {people:,} people, from the file"
    if isinstance(found, str):
        return [*rows, Row(what, total.median, "s", note=f"lme4 left out: {found}")]
    more = f"standard error of the start ours {ours['se']:.4f}, theirs {found[1]:.4f}" if name == "null" else ""
    return [
        *rows,
        total.row(what, "s", yardstick="glmer on the people", beside=found[0], ratio_at_most=0.002, note=more),
    ]


if __name__ == "__main__":
    print(json.dumps(inside(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
