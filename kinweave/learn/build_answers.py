"""First whole answers as the lake keeps them: one row a question, under numbers that join with nothing else there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from kinweave.learn.build_people import Everyone, code
from kinweave.learn.shape import SCHEMAS
from kinweave.listen.extract import Block, Opened

PEOPLE = 1 << 13  # in one batch
First = tuple[int, bytes]  # a day, and the record it was answered under
Row = tuple[int, str, tuple[int, ...]]  # number, purpose, answers


def answer_batches(everyone: Everyone, opened: Opened) -> Iterator[pa.RecordBatch]:
    """The answers of all who may be counted; of a person with several records the earliest alone."""
    firsts = _firsts(everyone, opened)
    for block in opened.blocks:
        version, language = code(block.version), code(block.language)
        if version is None or language is None or code(block.instrument) is None:
            continue
        # In the order of their numbers: the order in which they came says who they are.
        rows = sorted(_rows(everyone, opened, block, firsts))
        for start in range(0, len(rows), PEOPLE):
            yield _batch(rows[start : start + PEOPLE], block, version, language)


def _firsts(everyone: Everyone, opened: Opened) -> dict[tuple[int, str], First]:
    """By number and questionnaire the first answers of those who have more than one record."""
    found: dict[tuple[int, str], First] = {}
    for block in opened.blocks:
        for fact in block.facts(opened.doubted):
            who = everyone.apart(fact.person_id) if everyone.joined(fact.person_id) else None
            if who is not None:
                mine = fact.taken_on, fact.person_id.bytes
                found[who[0], block.instrument] = min(mine, found.get((who[0], block.instrument), mine))
    return found


def _rows(everyone: Everyone, opened: Opened, block: Block, firsts: dict[tuple[int, str], First]) -> Iterator[Row]:
    for fact in block.facts(opened.doubted):
        who = everyone.apart(fact.person_id)
        if who is not None:
            mine = fact.taken_on, fact.person_id.bytes
            if firsts.get((who[0], block.instrument), mine) == mine:
                yield who[0], who[1], fact.answers


def _batch(rows: list[Row], block: Block, version: str, language: str) -> pa.RecordBatch:
    many, wide = len(rows), block.items

    def same(text: str) -> pa.Array:
        return pa.array([text]).dictionary_encode().take(pa.array(np.zeros(many * wide, dtype=np.int8)))

    columns = {
        "person": np.repeat(np.array([row[0] for row in rows], dtype=np.int64), wide),
        "instrument": same(block.instrument), "version": same(version), "language": same(language),
        "item": np.tile(np.arange(wide, dtype=np.int32), many),
        "answer": np.array([row[2] for row in rows], dtype=np.int32).ravel(),
        "purpose": pa.array(np.repeat(np.array([row[1] for row in rows]), wide).tolist()),
    }  # fmt: skip
    return pa.RecordBatch.from_pydict({name: columns[name] for name in SCHEMAS["answers"].names})
