"""Addresses of signing in. Only those of allauth's pages that we use are reachable."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkey
from django.urls import path

from kinweave.front.signing import others, own, recover

urlpatterns = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-in/passkey/", passkey.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/second-step/", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/closed/", account.account_inactive, name="account_inactive"),
    path("sign-in/back/", recover.back, name="recover"),
    path("sign-out/", account.logout, name="account_logout"),
    # One's own account.
    path("account/", own.account, name="account"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/confirm/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/confirm/passkey/", passkey.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/sessions/", own.sessions, name="sessions"),
    path("account/tokens/", own.tokens, name="tokens"),
    path("account/alerts/", own.alerts, name="alerts"),
    path("account/alerts/<uuid:message_id>/", own.alert, name="alert"),
    path("account/second-step/", mfa.index, name="mfa_index"),
    path("account/second-step/codes-app/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/second-step/codes-app/end/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/second-step/spare-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/second-step/spare-codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/second-step/spare-codes/file/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("account/second-step/passkeys/", passkey.list_webauthn, name="mfa_list_webauthn"),
    path("account/second-step/passkeys/new/", passkey.add_webauthn, name="mfa_add_webauthn"),
    path("account/second-step/passkeys/<int:pk>/end/", passkey.remove_webauthn, name="mfa_remove_webauthn"),
    path("account/second-step/passkeys/<int:pk>/", passkey.edit_webauthn, name="mfa_edit_webauthn"),
    # The accounts of others: made, helped and ended by those whose role includes it.
    path("accounts/", others.listed, name="accounts"),
    path("accounts/new/", others.new, name="account-new"),
    path("accounts/<uuid:account_id>/", others.shown, name="account-shown"),
    path("accounts/<uuid:account_id>/password/", others.password, name="account-password"),
    path("accounts/<uuid:account_id>/leave/", others.leaves, name="account-leaves"),
    path("accounts/<uuid:account_id>/role/", others.role, name="account-role"),
    path("accounts/<uuid:account_id>/back/", others.back, name="account-back"),
    path("accounts/back/<uuid:recovery_id>/", others.confirm, name="account-back-confirm"),
]
