"""Everything that is written in care. Importing this registers the actions."""

from kinweave.care.actions.goals import change_goal, keep_goal, mark_goal
from kinweave.care.actions.pathway import move_on, set_goal, set_goal_state, settle_asked, to_ask_again
from kinweave.care.actions.risks import (
    acknowledge_risk,
    close_risk,
    contact_after_risk,
    escalate_risk,
    note_call_to_emergency,
    open_risk,
    plan_after_risk,
)
from kinweave.care.actions.sessions import correct_session, note_session, undo_session

__all__ = [
    "acknowledge_risk",
    "change_goal",
    "close_risk",
    "contact_after_risk",
    "correct_session",
    "escalate_risk",
    "keep_goal",
    "mark_goal",
    "move_on",
    "note_call_to_emergency",
    "note_session",
    "open_risk",
    "plan_after_risk",
    "set_goal",
    "set_goal_state",
    "settle_asked",
    "to_ask_again",
    "undo_session",
]
