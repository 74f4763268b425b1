"""Who may open which address, and who may write what: written by hand, never derived from the code it checks.

Letters: v nobody signed in · a Amina, the person's own worker · b Baraka, same team · c Chipo, other team ·
d Dalia, supervisor of Amina's team · e Esi, supervisor of Chipo's · f Farai, coordinator · g Gloria, evaluator ·
h Hope, keeper · i Imani, who signs for people who use services ·
x a coordinator of another organisation on the same site · p the person on the own page.

An address about a person has two words: who reaches Amina's person, and who reaches Chipo's. Whoever is not named
gets the sign-in page, "not allowed", or what is said of something that is not there.
"""

from __future__ import annotations

ALL = "vabcdefghixp"  # anyone at all
IN = "abcdefghix"  # anyone signed in
FIELD = "abcdefx"  # the roles that meet people: workers, supervisors, coordinators
OVER = "defx"  # supervisors and coordinators
DESK = "fhx"  # who keeps settings
NONE = ""

# Address name → who (site-wide), or (who for Amina's person, who for Chipo's person).
ROUTES: dict[str, str | tuple[str, str]] = {
    # The house's front door
    "health": ALL,
    "home": ALL,
    "set-language": ALL,
    "account_login": ALL,
    "mfa_login_webauthn": ALL,
    "account_inactive": ALL,
    "recover": ALL,
    "account_logout": ALL,
    "mfa_authenticate": IN + "vp",  # leads back to the sign-in, or home
    # One's own account
    "account": IN,
    "account_change_password": IN,
    "account_reauthenticate": IN,
    "mfa_reauthenticate": IN,
    "mfa_reauthenticate_webauthn": IN,
    "sessions": IN,
    "tokens": IN,
    "alerts": IN,
    "alert": "a",
    "mfa_index": IN,
    "mfa_activate_totp": IN,
    "mfa_deactivate_totp": NONE,  # nobody on the stage has a second step
    "mfa_view_recovery_codes": NONE,  # nobody on the stage has a second step
    "mfa_generate_recovery_codes": IN,
    "mfa_download_recovery_codes": NONE,  # nobody on the stage has a second step
    "mfa_list_webauthn": IN,
    "mfa_add_webauthn": IN,
    "mfa_remove_webauthn": IN,
    "mfa_edit_webauthn": IN,
    # The accounts of others
    "accounts": "defhx",
    "account-new": "h",
    "account-shown": "dfh",
    "account-password": "h",
    "account-leaves": "h",
    "account-role": "h",
    "account-back": "dfh",
    "account-back-confirm": "defhx",
    # Setting the site up
    "setup": "h",
    "setup-step": "h",
    "setup-begin": NONE,
    "setup-phone": NONE,
    # Lists on the desk
    "today": IN,
    "people": FIELD,
    "people-find": FIELD,
    "person-new": FIELD,
    "people-need": FIELD,
    "openings": OVER,
    "contests": OVER,
    "people-same": OVER,
    "risks": FIELD,
    "held": OVER,
    # One person
    "person": ("adf", "cef"),
    "person-happened": ("adf", "cef"),
    "person-looked": ("df", "ef"),
    "person-held": ("adf", "cef"),
    "person-consents": ("adf", "cef"),
    "consent-new": ("adf", "cef"),
    "consent-withdraw": ("adf", "cef"),
    "person-change": ("adf", "cef"),
    "contact-new": ("adf", "cef"),
    "contact-end": ("adf", "cef"),
    "tie-new": ("adf", "cef"),
    "tie-end": ("adf", "cef"),
    "person-move": ("adf", "cef"),
    "person-assign": ("df", "ef"),
    "goal-new": ("adf", "cef"),
    "goal-state": ("adf", "cef"),
    "link-new": ("df", "ef"),
    "opening": ("df", "ef"),
    "contest": ("df", "ef"),
    "people-compare": ("df", "ef"),
    "people-unmerge": ("df", "ef"),
    # Asking: a form that is being answered belongs to the account that began it
    "ask": ("adf", "cef"),
    "ask-begin": ("adf", "cef"),
    "ask-all": ("a", "c"),
    "ask-go-on": ("a", "c"),
    "ask-check": ("a", "c"),
    "ask-drop": ("a", "c"),
    "ask-question": ("a", "c"),
    "paper-type": ("adf", "cef"),
    "answers": ("adf", "cef"),
    "answers-undo": ("adf", "cef"),
    "answers-correct": ("adf", "cef"),
    # Noting, moving on, danger
    "note-session": ("adf", "cef"),
    "note-undo": ("adf", "cef"),
    "move-on": ("adf", "cef"),
    "worry": ("adf", "cef"),
    "safety-card": ("adf", "cef"),
    "safety-called": ("adf", "cef"),
    "risk": ("adf", "cef"),
    "risk-acknowledge": ("df", "ef"),
    "risk-contact": ("adf", "cef"),
    "risk-plan": ("df", "ef"),
    "risk-close": ("df", "ef"),
    # Circles: anyone of the team may stand in, its keeper and those over the team end it
    "circles": FIELD,
    "circle-new": FIELD,
    "circle": ("abdf", "cef"),
    "circle-meeting": ("abdf", "cef"),
    "circle-meeting-undo": ("abdf", "cef"),  # whoever is not its author is told so
    "circle-end": ("adf", "cef"),
    # Referrals and hours
    "person-referrals": ("adf", "cef"),
    "referral-new": ("adf", "cef"),
    "referral-agreed": ("adf", "cef"),
    "referral-drop": ("adf", "cef"),
    # A person's own story
    "person-stories": ("adf", "cef"),
    "story-new": ("adf", "cef"),
    "story-change": ("adf", "cef"),
    "story-agreed": ("adf", "cef"),
    "story-told-back": ("adf", "cef"),
    "hours": FIELD,
    "hours-undo": ("a", "c"),
    # Quarantine
    "held-one": ("df", "ef"),
    "held-release": ("df", "ef"),
    "held-aside": ("df", "ef"),
    # Settings
    "settings": DESK,
    "switches": DESK,
    "switch": DESK,
    "setting": DESK,
    # Paper
    "paper-list": FIELD,
    "paper-register": FIELD,
    "paper-next": FIELD,
    "paper-sheet": FIELD,
    "paper-week": FIELD,  # one's own people only
    "paper-run": FIELD,
    "paper-rows": FIELD,
    "paper": FIELD,
    # Bringing in
    "import": "fx",
    "import-new": "fx",
    "import-job": "f",
    "import-aside": "f",
    "import-undo": "f",
    # Forms of one's own, and phones with ODK Collect; the addresses under openrosa/ open to their own tokens alone
    # (tests/exchange/test_openrosa_doors.py)
    "forms": "fx",
    "form-new": "fx",
    "form-phones": "fx",
    "form": "f",
    "form-answers": "f",
    "openrosa-list": NONE,
    "openrosa-submission": NONE,
    "openrosa-people": NONE,
    "openrosa-form": NONE,
    "openrosa-manifest": NONE,
    "openrosa-media": NONE,
    # Reports
    "numbers": "fgx",
    "numbers-behind": "fgx",
    "losses": "fgx",
    "numbers-languages": "fgx",
    "releases": "fgix",
    "release-new": "fgx",
    "release-making": NONE,  # no such job here: its own test has one
    "release": "fgi",
    "release-reading": "fg",
    "release-stories": "fg",
    "release-sign": "fg",
    "release-voice": "i",
    "release-drop": "fg",
    "release-withdraw": "fg",
    # What was promised: one on the stage is about a place of Amina's team, one about a place of Chipo's
    "promises": "fgix",
    "promise-new": "fgx",
    "promise": ("fgi", "fgi"),
    "promise-kept": ("fg", "fg"),
    "promise-asked": ("fg", "fg"),
    "promise-reply": ("fg", "fg"),
    "promise-drop": ("fg", "fg"),
    "promise-reopen": ("fg", "fg"),
    # The person's own page
    "mine": "p",
    "mine-wrong": "p",
    "mine-back": ("p", NONE),
    "mine-story": ("p", NONE),
    "mine-close": ALL,
    "mine-open": ALL,
    # Anyone
    "public-home": ALL,
    "reports": ALL,
    "reports-old": ALL,
    "report": NONE,  # the report on the stage is a draft
    "report-read": NONE,
    "report-pdf": NONE,
    "report-slide": NONE,
    "report-csv": NONE,
    "report-columns": NONE,
    # The API (one operation for each open action: see ACTIONS)
    "openapi-json": ALL,
    "api-root": NONE,
    "me": IN,
    "entries": IN,
}

# The phone's own addresses: by session where it says so, else by a phone's token alone (tests/phone)
ROUTES |= {
    "phone-devices": IN,
    "phone-envelopes": IN,
    "phone-changes": NONE,
    "phone-instruments": NONE,
    "phone-audio": NONE,  # a recording that is not there
    # The desk's pages about phones; the one on the stage is Amina's
    "phones": IN,
    "phone-end": "adfh",
    "phone-code": "dfh",
    "two-versions": ("adf", "cef"),
    # The app itself: the same bytes for everybody; a file of no such version is not there
    "phone": ALL,
    "phone-worker": ALL,
    "phone-manifest": ALL,
    "phone-words": ALL,
    "phone-file": NONE,
}

NOT_OPEN = "inner"  # part of flows only: no sender may ask for it by name, and the API has no such operation
SYSTEM_ONLY = "system"  # the clocks, or a link that was opened

# Action → (who for Amina's person, who for Chipo's), or who for what is about no person, or one of the two above.
ACTIONS: dict[str, str | tuple[str, str]] = {
    "care.acknowledge_risk": ("df", "ef"),
    "care.change_goal": ("adf", "cef"),
    "care.close_risk": ("df", "ef"),
    "care.contact_after_risk": ("adf", "cef"),
    "care.correct_session": ("adf", "cef"),
    "care.escalate_risk": SYSTEM_ONLY,
    "care.keep_goal": NOT_OPEN,
    "care.mark_goal": ("adf", "cef"),
    "care.move_on": ("adf", "cef"),
    "care.note_call_to_emergency": ("adf", "cef"),
    "care.note_session": ("adf", "cef"),
    "care.open_risk": NOT_OPEN,
    "care.plan_after_risk": ("df", "ef"),
    "care.set_goal": ("adf", "cef"),
    "care.set_goal_state": ("adf", "cef"),
    "care.settle_asked": NOT_OPEN,
    "care.undo_session": ("a", "c"),  # its author
    "connect.cancel_referral_draft": ("adf", "cef"),
    "connect.draft_referral": ("adf", "cef"),
    "decide.add_promise": "fg",
    "decide.ask_owner": ("fg", "fg"),
    "decide.drop_promise": ("fg", "fg"),
    "decide.keep_promise": ("fg", "fg"),
    "decide.reopen_promise": ("fg", "fg"),
    "decide.write_reply": ("fg", "fg"),
    "flows.agree": ("adf", "cef"),
    "flows.alarm_from_row": NOT_OPEN,
    "flows.alert_form": NOT_OPEN,
    "flows.begin_import": "f",
    "flows.choose_stories": "fg",
    "flows.decide_version": ("adf", "cef"),
    "flows.end_import": "f",
    "flows.end_undo": "f",
    "flows.erase_person": ("f", "f"),
    "flows.hold_sent": SYSTEM_ONLY,
    "flows.import_person": "f",
    "flows.import_response": NOT_OPEN,
    "flows.place_imported": NOT_OPEN,
    "flows.place_in_turn": SYSTEM_ONLY,
    "flows.receive_response": ("adf", "cef"),
    "flows.switch_questionnaire": "fh",
    "flows.take_form": NOT_OPEN,
    "flows.undo_people": "f",
    "flows.undo_responses": "f",
    "flows.voice_worry": ("adf", "cef"),
    "flows.wait_in_line": SYSTEM_ONLY,
    "flows.welcome_person": "abcdef",
    "gather.add_circle": "abcdef",
    "gather.end_circle": ("adf", "cef"),
    "gather.record_circle_meeting": ("abdf", "cef"),  # anyone of the team may stand in
    "gather.undo_circle_meeting": ("a", "c"),  # its author
    "house.add_organisation": "h",
    "house.add_place": "fhx",  # within the district both coordinators are anchored in
    "house.add_programme": "fh",
    "house.add_team": "fh",
    "house.answer_test_alert": "d",
    "house.change_setting": "fh",
    "house.close_place": "fhx",
    "house.count_place": "fhx",
    "house.end_grant": "h",
    "house.grant_role": "h",
    "house.hold_fact": SYSTEM_ONLY,
    "house.release_held": ("df", "ef"),
    "house.send_test_alert": "fh",
    "house.set_held_aside": ("df", "ef"),
    "house.set_rota": "fh",
    "listen.agree_own_story": ("p", NONE),
    "listen.agree_story": ("adf", "cef"),
    "listen.change_story": ("adf", "cef"),
    "listen.drop_telling_back": NOT_OPEN,
    "listen.keep_file": NOT_OPEN,
    "listen.keep_form": NOT_OPEN,
    "listen.owe_telling_back": NOT_OPEN,
    "listen.record_form": NOT_OPEN,
    "listen.record_response": NOT_OPEN,
    "listen.record_story": ("adf", "cef"),
    "listen.set_form": NOT_OPEN,
    "listen.switch_instrument": NOT_OPEN,
    "listen.tell_story_back": ("adf", "cef"),
    "listen.undo_response": ("a", "c"),  # its author
    "people.add_contact": ("adf", "cef"),
    "people.add_tie": ("adf", "cef"),
    "people.answer_contest": ("df", "ef"),
    "people.assign_worker": ("df", "ef"),
    "people.change_contact": ("adf", "cef"),
    "people.keep_contact": NOT_OPEN,
    "people.break_glass": ("abcdef", "abcdef"),
    "people.change_person": ("adf", "cef"),
    "people.contest_record": ("p", NONE),
    "people.end_contact": ("adf", "cef"),
    "people.end_tie": ("adf", "cef"),
    "people.make_own_link": ("df", "ef"),
    "people.merge_persons": ("df", "ef"),
    "people.move_person": ("adf", "cef"),
    "people.record_consent": ("adf", "cef"),
    "people.register_person": "abcdef",
    "people.review_glass": ("df", "ef"),
    "people.unmerge_person": ("df", "ef"),
    "people.use_own_link": SYSTEM_ONLY,
    "people.withdraw_consent": ("adfp", "cef"),
    "published.draft_release": "fg",
    "published.drop_draft": "fg",
    "published.give_sums": NOT_OPEN,
    "published.put_story": NOT_OPEN,
    "published.set_reading": "fg",
    "published.set_stories": NOT_OPEN,
    "published.sign_release": "fg",
    "published.take_stories_back": NOT_OPEN,
    "published.voice_release": "i",
    "published.withdraw_release": "fg",
    "team.record_hours": "abcdefx",
    "team.undo_hours": ("a", "c"),  # their own
}
