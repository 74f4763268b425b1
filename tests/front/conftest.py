"""What tests of pages share: a browser that is signed in."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.fixture
def sign_in(world):
    def as_(name: str) -> Client:
        client = Client()
        client.force_login(world.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return as_
