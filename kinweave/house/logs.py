"""Logs say which code went wrong and where in the program, never with what content."""

from __future__ import annotations

import logging
import re
import traceback

_ADDRESS = re.compile(r"^[A-Z]+ /\S*|/\S*")


class NoContent(logging.Filter):
    """Keeps the place in the code of an error and drops every value: messages of exceptions, arguments,
    addresses with their queries. Our own loggers pass codes and counts only and stay as they are."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1] is not None:
            fault = record.exc_info[1]
            where = " < ".join(
                f"{frame.name}:{frame.lineno}" for frame in reversed(traceback.extract_tb(fault.__traceback__)[-4:])
            )
            record.msg, record.args = f"{type(fault).__name__} in {where}", ()
            record.exc_info = record.exc_text = None
        elif not record.name.startswith("kinweave"):
            record.msg, record.args = f"{record.name} {getattr(record, 'status_code', '')}".strip(), ()
        return True
