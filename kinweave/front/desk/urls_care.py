"""Addresses of asking, noting, moving on, safety, quarantine, settings and paper. No address names a condition."""

from __future__ import annotations

from kinweave.front.desk import (
    pages_answers,
    pages_ask,
    pages_held,
    pages_move,
    pages_note,
    pages_paper,
    pages_questions,
    pages_risks,
    pages_rows,
    pages_run,
    pages_settings,
    pages_switches,
)
from kinweave.front.print import pages as prints
from kinweave.front.print import sheets
from kinweave.front.print.week import week
from kinweave.front.routes import route

GET, POST = ("GET",), ("POST",)
ONE = "people/<uuid:person_id>/"
FORM = ONE + "ask/<uuid:draft_id>/"
ANSWERS = ONE + "answers/<uuid:response_id>/"
SAFETY = ONE + "safety/<uuid:risk_id>/"
RECORD, ACT, WORRY = "listen.record", "care.act", "care.worry"

urlpatterns = [
    # Asking
    route(ONE + "ask/", pages_ask.ask, permission=RECORD, name="ask", methods=GET),
    route(FORM, pages_questions.ask_all, permission=RECORD, name="ask-all"),
    route(FORM + "on/", pages_ask.ask_go_on, permission=RECORD, name="ask-go-on", methods=GET),
    route(FORM + "check/", pages_questions.ask_check, permission=RECORD, name="ask-check"),
    route(FORM + "drop/", pages_ask.ask_drop, permission=RECORD, name="ask-drop", methods=POST),
    route(FORM + "<int:number>/", pages_questions.ask_question, permission=RECORD, name="ask-question"),
    route(ONE + "ask/<slug:key>/", pages_ask.ask_begin, permission=RECORD, name="ask-begin"),
    route(ONE + "ask/<slug:key>/paper/", pages_paper.paper_type, permission=RECORD, name="paper-type"),
    route(ANSWERS, pages_answers.answers, permission="listen.scores", name="answers", methods=GET),
    route(ANSWERS + "undo/", pages_answers.answers_undo, permission=RECORD, name="answers-undo", methods=POST),
    route(ANSWERS + "correct/", pages_answers.answers_correct, permission=RECORD, name="answers-correct", methods=POST),
    # Noting, moving on, worrying
    route(ONE + "note/", pages_note.note, permission=ACT, name="note-session"),
    route(ONE + "note/<uuid:session_id>/undo/", pages_note.note_undo, permission=ACT, name="note-undo", methods=POST),
    route(ONE + "next/", pages_move.move, permission=ACT, name="move-on"),
    route(ONE + "worry/", pages_note.worry, permission=WORRY, name="worry"),
    route(SAFETY, pages_note.card, permission="risk.see", name="safety-card", methods=GET),
    route(SAFETY + "called/", pages_note.called, permission=WORRY, name="safety-called", methods=POST),
    # Safety
    route("safety/", pages_risks.risks, permission="risk.see", name="risks", methods=GET),
    route("safety/<uuid:risk_id>/", pages_risks.risk, permission="risk.see", name="risk", methods=GET),
    route(
        "safety/<uuid:risk_id>/taken/",
        pages_risks.acknowledge,
        permission="risk.answer",
        name="risk-acknowledge",
        methods=POST,
    ),
    route("safety/<uuid:risk_id>/met/", pages_risks.contact, permission=WORRY, name="risk-contact"),
    route("safety/<uuid:risk_id>/plan/", pages_risks.plan, permission="risk.answer", name="risk-plan"),
    route("safety/<uuid:risk_id>/close/", pages_risks.close, permission="risk.close", name="risk-close"),
    # Quarantine
    route("set-aside/", pages_held.held, permission="held.decide", name="held", methods=GET),
    route("set-aside/<uuid:held_id>/", pages_held.held_one, permission="held.decide", name="held-one", methods=GET),
    route("set-aside/<uuid:held_id>/in/", pages_held.held_release, permission="held.decide", name="held-release"),
    route("set-aside/<uuid:held_id>/away/", pages_held.held_aside, permission="held.decide", name="held-aside"),
    # Settings
    route("settings/", pages_settings.settings, permission="house.settings", name="settings", methods=GET),
    route("settings/questions/", pages_switches.switches, permission="house.settings", name="switches", methods=GET),
    route("settings/questions/<slug:key>/", pages_switches.switch, permission="house.settings", name="switch"),
    route("settings/one/<str:key>/", pages_settings.setting, permission="house.settings", name="setting"),
    # Paper
    route("paper/", prints.papers, permission=RECORD, name="paper-list", methods=GET),
    route("paper/register/", sheets.register_page, permission=RECORD, name="paper-register", methods=GET),
    route("paper/week/", week, permission="people.see", name="paper-week", methods=GET),
    route("paper/sheet/<slug:form>/", sheets.sheet, permission=RECORD, name="paper-sheet", methods=GET),
    route("paper/lines/<slug:kind>/", pages_rows.paper_rows, permission=RECORD, name="paper-rows"),
    route("paper/<slug:key>/run/", pages_run.paper_run, permission=RECORD, name="paper-run"),
    route("paper/<slug:key>/next/", pages_paper.paper_next, permission=RECORD, name="paper-next"),
    route("paper/<slug:key>/<slug:language>/", prints.paper, permission=RECORD, name="paper", methods=GET),
]
