"""What an action takes, as a pydantic model made from its signature: for the API, quarantine and imports.

Pydantic is loaded when the first is asked for: commands and workers that take nothing in start without it.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, get_type_hints

from kinweave.core.problems import Problem
from kinweave.house.registry import ACTIONS, Spec

if TYPE_CHECKING:
    from pydantic import BaseModel


class BadInput(Problem):
    status, code = 422, "bad-input"
    says = "Some of what was sent does not fit: {fields}."
    remedy = "Look at these fields and send again."


@cache
def model_of(name: str) -> type[BaseModel]:
    """The input model of an action: its parameters without `by` and `head`; unknown names are refused."""
    from pydantic import ConfigDict, create_model

    spec: Spec = ACTIONS[name]
    hints = get_type_hints(spec.decide)
    fields: dict[str, Any] = {}
    for parameter in inspect.signature(spec.decide).parameters.values():
        if parameter.name in {"by", "head"}:
            continue
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[parameter.name] = (hints[parameter.name], default)
    title = "".join(word.capitalize() for word in name.replace(".", "_").split("_"))
    return create_model(title, __config__=ConfigDict(extra="forbid"), **fields)


def parsed(name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """JSON values as the action's own types; faults name fields, never values."""
    from pydantic import ValidationError

    try:
        read = model_of(name).model_validate(dict(asked))
    except ValidationError as fault:
        known = model_of(name).model_fields  # an unknown name is the sender's own text: it is not repeated
        named = {str(e["loc"][0]) for e in fault.errors(include_input=False)}
        where = sorted({name if name in known else "unknown" for name in named})
        raise BadInput(fields=", ".join(where)) from None
    return {key: getattr(read, key) for key in type(read).model_fields}
