"""The JSON API: the registry and nothing but the registry, with answers that are all declared."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from kinweave.core.ids import uuid7
from kinweave.flows.sending import INTERNAL
from kinweave.front import api_bounds
from kinweave.front.api import open_actions
from kinweave.house import accounts, tokens
from kinweave.house.models import Entry, Held, Token
from kinweave.house.registry import ACTIONS
from kinweave.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_buckets() -> None:
    api_bounds._seen.clear()


def bearer(world, name: str) -> dict[str, str]:
    text = tokens.make_token(by=world.actor(name), name="test")[1]
    return {"authorization": f"Bearer {text}"}


def entry(**asked: Any) -> dict[str, Any]:
    return {"id": str(uuid7()), "happened_at": datetime.now(UTC).isoformat(), "asked": asked}


def newcomer(world, **more: Any) -> dict[str, Any]:
    return entry(
        organisation_id=str(world.organisation), programme_id=str(world.programme), team_id=str(world.teams[0]),
        place_id=str(world.wards[0]), alias="Rudo", **more,
    )  # fmt: skip


def post(client: Client, path: str, body: Any, headers: dict[str, str] | None = None):
    raw = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return client.post(f"/api/{path}", raw, content_type="application/json", headers=headers or {})


def test_the_document_lists_every_open_action_and_no_internal_one(client) -> None:
    document = client.get("/api/openapi.json").json()
    listed = {path.removeprefix("/api/actions/") for path in document["paths"] if "/actions/" in path}
    assert listed == {spec.name for spec in open_actions()}
    assert not any(ACTIONS[name].permission.startswith(INTERNAL) for name in listed)
    assert "house.hold_fact" not in listed
    for path in document["paths"].values():
        for operation in path.values():
            assert {"200", "400", "401", "403", "404", "409", "422", "429", "503"} <= set(operation["responses"])


def test_a_token_writes_as_its_account_and_a_repeat_answers_as_before(world, client) -> None:
    headers, body = bearer(world, "amina"), newcomer(world)
    first = post(client, "actions/people.register_person", body, headers)
    again = post(client, "actions/people.register_person", body, headers)
    assert first.status_code == again.status_code == 200, first.content
    assert first.json()["state"] == "accepted"
    assert (first.json()["again"], again.json()["again"]) == (False, True)
    assert first.json()["result"] == again.json()["result"]
    assert Person.objects.count() == 1
    assert Entry.objects.get(id=body["id"]).actor_id == world.accounts["amina"].id


def test_the_same_id_for_something_else_is_a_conflict(world, client) -> None:
    headers, body = bearer(world, "amina"), newcomer(world)
    post(client, "actions/people.register_person", body, headers)
    body["asked"]["alias"] = "Tendai"
    other = post(client, "actions/people.register_person", body, headers)
    assert (other.status_code, other.json()["problem"]["code"]) == (409, "entry-id-reused")


def test_nobody_unknown_gets_in(world, client) -> None:
    for headers in ({}, {"authorization": "Bearer kw_wrong"}, {"authorization": "Basic eDp5"}):
        answer = post(client, "actions/people.register_person", newcomer(world), headers)
        assert answer.status_code == 401
        assert answer.json()["problem"]["code"] == "sign-in-first"


def test_a_session_needs_its_csrf_token(world) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.accounts["amina"])
    answer = post(client, "actions/people.register_person", newcomer(world))
    assert (answer.status_code, answer.json()["problem"]["code"]) == (403, "csrf")
    client.get("/account/")
    secret = {"x-csrftoken": client.cookies["csrftoken"].value}
    assert post(client, "actions/people.register_person", newcomer(world), secret).status_code == 200


def test_no_action_beyond_the_role(world, client) -> None:
    headers = bearer(world, "gloria")
    for spec in open_actions():
        if world.actor("gloria").may(spec.permission):
            continue
        answer = post(client, f"actions/{spec.name}", entry(), headers)
        assert answer.status_code in {403, 422}, spec.name
    answer = post(client, "actions/people.register_person", newcomer(world), headers)
    assert (answer.status_code, answer.json()["problem"]["code"]) == (403, "not-allowed")
    assert post(client, "actions/house.hold_fact", entry(), headers).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"\xff\xfe", 400),
        ("{", 400),
        ("[]", 400),
        ('{"id": NaN}', 400),
        ("[" * 100 + "]" * 100, 400),
        ('{"a":' * 30 + "1" + "}" * 30, 400),
        ('{"asked": {"alias": "\\u0000"}}', 400),
        ('{"asked": {"alias": "\\ud800"}}', 400),
        ('{"asked": {"alias": 99999999999999999999}}', 400),
        ("{}", 422),
        ('{"id": "x", "happened_at": "y", "asked": 3}', 422),
        ('"' + "x" * (api_bounds.MOST_BYTES + 1) + '"', 413),
    ],
    ids=range(12),
)
def test_what_does_not_fit_is_said_in_one_shape(world, client, body, status) -> None:
    answer = post(client, "actions/people.register_person", body, bearer(world, "amina"))
    assert answer.status_code == status
    assert {"code", "says", "remedy", "facts"} == set(answer.json()["problem"])


def test_a_fault_names_fields_and_never_repeats_what_was_sent(world, client) -> None:
    body = newcomer(world, birth_year="Canary Name", **{"Another Canary": "Canary"})
    answer = post(client, "actions/people.register_person", body, bearer(world, "amina"))
    assert answer.status_code == 422
    assert "anary" not in answer.content.decode()


def test_the_future_and_other_kinds_of_ids_are_refused(world, client) -> None:
    headers = bearer(world, "amina")
    ahead = {**newcomer(world), "happened_at": (datetime.now(UTC) + timedelta(days=2)).isoformat()}
    assert post(client, "actions/people.register_person", ahead, headers).json()["problem"]["code"] == "happened-ahead"
    other = {**newcomer(world), "id": "6d1f2f4e-5a5b-4a6e-9c1a-0d9a5f1f7a11"}
    assert post(client, "actions/people.register_person", other, headers).status_code == 422


def test_a_batch_takes_each_entry_by_itself(world, client) -> None:
    good = {**newcomer(world), "action": "people.register_person"}
    person = world.person()
    unfit = {**entry(person_id="not an id"), "action": next(s.name for s in open_actions() if s.fact)}
    internal = {**entry(), "action": "house.hold_fact"}
    sent = {"entries": [good, unfit, internal, {"id": "?"}, good]}
    answer = post(client, "entries", sent, bearer(world, "amina")).json()["entries"]
    assert [one["state"] for one in answer] == ["accepted", "held", "rejected", "rejected", "accepted"]
    assert [one["again"] for one in answer][-1] is True
    assert answer[1]["code"] == "bad-input"
    assert answer[2]["code"] == "no-such-operation"
    assert answer[3]["says"]
    assert answer[3]["remedy"]
    assert Held.objects.get().action == unfit["action"]
    assert Person.objects.filter(id=person).exists()
    again = post(client, "entries", sent, bearer(world, "amina")).json()["entries"]
    assert all(one["again"] for one in again if one["state"] != "rejected")
    assert Held.objects.count() == 1


def test_a_batch_is_bounded(world, client) -> None:
    sent = {"entries": [{}] * 501}
    assert post(client, "entries", sent, bearer(world, "amina")).status_code == 422


def test_too_many_requests_are_slowed_down(world, client) -> None:
    headers = bearer(world, "amina")
    amina = world.accounts["amina"].id
    assert sum(api_bounds.allow(amina, now=1.0) for _ in range(2 * api_bounds.PER_MINUTE)) == api_bounds.PER_MINUTE
    assert api_bounds.allow(world.accounts["baraka"].id, now=1.0), "each account has its own"
    assert sum(api_bounds.allow(amina, now=31.0) for _ in range(api_bounds.PER_MINUTE)) == api_bounds.PER_MINUTE / 2
    api_bounds._seen[amina] = (0.0, 10**12)
    assert client.get("/api/me", headers=headers).status_code == 429


def test_a_token_ends_with_its_time_and_with_its_owner(world, client) -> None:
    headers = bearer(world, "amina")
    assert client.get("/api/me", headers=headers).json()["roles"] == ["worker"]
    Token.objects.update(until=datetime.now(UTC) - timedelta(seconds=1))
    assert client.get("/api/me", headers=headers).status_code == 401
    headers = bearer(world, "baraka")
    accounts.leave(by=world.actor("hope"), account_id=world.accounts["baraka"].id)
    assert client.get("/api/me", headers=headers).status_code == 401


def test_only_the_digest_of_a_token_is_kept(world) -> None:
    row, text = tokens.make_token(by=world.actor("amina"), name="bench")
    assert text not in str(vars(row))
    assert len(row.digest) == 64


def test_a_token_is_shown_once_on_the_page_and_ended_there(world, client) -> None:
    client.force_login(world.accounts["amina"])
    shown = client.post("/account/tokens/", {"name": "Excel"}).content.decode()
    assert "kw_" in shown
    assert "kw_" not in client.get("/account/tokens/").content.decode()
    client.post("/account/tokens/", {"end": str(Token.objects.get().id)})
    assert not Token.objects.exists()


@pytest.mark.django_db(transaction=True)  # a real request closes its connection
def test_no_answer_is_undeclared(world) -> None:
    """schemathesis sends whatever the document allows, and much that it does not."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis import checks

    headers = bearer(world, "hope")  # a keeper: sees no person, but may do most of the house
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", wsgi_app())
    checks.load_all_checks()
    wanted = [
        checks.not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    ]
    failures: list[str] = []
    for result in schema.get_all_operations():
        operation = result.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=5, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def try_it(case) -> None:
            api_bounds._seen.clear()
            answer = case.call(headers=headers)
            case.validate_response(answer, checks=wanted)

        try:
            try_it()
        except Exception as fault:
            failures.append(f"{operation.label}: {type(fault).__name__} {str(fault)[:600]}")
    assert not failures, "\n".join(failures)


def wsgi_app():
    from kinweave.config.wsgi import application

    return application
