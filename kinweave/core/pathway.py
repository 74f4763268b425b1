"""A person's way through the programme, as a state machine: which move leads from where to where.

Assembled from the flows of Friendship Bench, the MSF forms and others: practice.md §2 ("Person pathway", a
proposal of ours on those sources). A red flag is not a state: a risk can be open in every state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from kinweave.core.problems import Problem

IDENTIFIED: Final = "identified"
CONSENTED: Final = "consented"
SCREENED: Final = "screened"
TOLD: Final = "told"  # came in without a score: own words, a circle, someone who knows them
BELOW: Final = "below"  # below the programme's line: information given, the door stays open
WAITING: Final = "waiting"
ACTIVE: Final = "active"
GRADUATING: Final = "graduating"
GROUP: Final = "group"  # a circle or a peer
CLOSED: Final = "closed"

STATES: Final = (IDENTIFIED, CONSENTED, SCREENED, TOLD, BELOW, WAITING, ACTIVE, GRADUATING, GROUP, CLOSED)
STEPS: Final = (1, 2, 3, 4)

# move: the states it may start from, and the state it ends in
MOVES: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "consent": (frozenset({IDENTIFIED}), CONSENTED),
    "screen": (frozenset({CONSENTED, BELOW, WAITING, SCREENED, TOLD}), SCREENED),
    "tell": (frozenset({CONSENTED, SCREENED, BELOW}), TOLD),
    "inform": (frozenset({SCREENED}), BELOW),
    "wait": (frozenset({CONSENTED, SCREENED, TOLD, BELOW, ACTIVE}), WAITING),
    "start": (frozenset({SCREENED, TOLD, WAITING}), ACTIVE),
    "step": (frozenset({ACTIVE}), ACTIVE),
    "graduate": (frozenset({ACTIVE}), GRADUATING),
    "join_group": (frozenset({ACTIVE, GRADUATING}), GROUP),
    "return": (frozenset({GRADUATING, GROUP}), ACTIVE),
    "close": (frozenset(STATES) - {CLOSED}, CLOSED),
    "reenter": (frozenset({CLOSED}), CONSENTED),
}

# Closure reasons: MSF's list (LIME-EMR forms F29, F30, F33; practice.md §2), and whose failure each is.
OURS, THEIRS, NEITHER = "ours", "theirs", "neither"
CLOSURES: Final[Mapping[str, str]] = {
    "end_of_care": NEITHER,
    "single_consultation": NEITHER,
    "moved": NEITHER,
    "referred": NEITHER,
    "we_left": OURS,
    "transport": OURS,
    "taken": NEITHER,  # arrested or kidnapped
    "cannot_trace": OURS,
    "dissatisfied": OURS,
    "own_choice": THEIRS,
    "died_or_missing": NEITHER,
}
# Missed-session reasons: the same forms.
MISSED: Final = ("forgot", "transport", "unreachable", "no_longer_wants", "busy", "sick", "other")


class WrongState(Problem):
    status: ClassVar[int] = 409
    code: ClassVar[str] = "wrong-state"
    says: ClassVar[str] = "This step does not follow from where the person is now ({state})."
    remedy: ClassVar[str] = "Look at the person's page: someone may have written the step before you."


class BadStep(Problem):
    status: ClassVar[int] = 422
    code: ClassVar[str] = "bad-step"
    says: ClassVar[str] = "There is no such step or reason."
    remedy: ClassVar[str] = "Choose from the list."


def after(state: str, move: str) -> str:
    """The state that a move leads to. Raises WrongState where it cannot start from `state`."""
    if move not in MOVES:
        raise BadStep()
    starts, ends = MOVES[move]
    if state not in starts:
        raise WrongState(state=state)
    return ends


def moves_from(state: str) -> tuple[str, ...]:
    """The moves that can be made from a state, in the order of the table."""
    return tuple(move for move, (starts, _) in MOVES.items() if state in starts)


def whose_failure(reason: str) -> str:
    """ "ours", "theirs" or "neither" for a closure reason. Raises BadStep."""
    if reason not in CLOSURES:
        raise BadStep()
    return CLOSURES[reason]
