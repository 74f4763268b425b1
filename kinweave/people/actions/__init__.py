"""Everything that is written about people. Importing this registers the actions."""

from kinweave.people.actions.closeness import add_contact, add_tie, end_tie
from kinweave.people.actions.consents import record_consent, withdraw_consent
from kinweave.people.actions.glass import review_glass
from kinweave.people.actions.persons import assign_worker, change_person, move_person, register_person
from kinweave.people.actions.records import (
    answer_contest,
    break_glass,
    contest_record,
    make_own_link,
    merge_persons,
    unmerge_person,
    use_own_link,
)
from kinweave.people.actions.versions import change_contact, end_contact, keep_contact

__all__ = [
    "add_contact",
    "add_tie",
    "answer_contest",
    "assign_worker",
    "break_glass",
    "change_contact",
    "change_person",
    "contest_record",
    "end_contact",
    "end_tie",
    "keep_contact",
    "make_own_link",
    "merge_persons",
    "move_person",
    "record_consent",
    "register_person",
    "review_glass",
    "unmerge_person",
    "use_own_link",
    "withdraw_consent",
]
