"""Example tests that use the fixtures."""

import pytest
from stytch.core.response_base import StytchError

ACME = "organization-test-00000001-0000-4000-8000-000000000000"
ADA = {"flow": "discovery_oauth", "provider": "google", "email": "ada@acme.example"}


def test_ada_signs_in_with_google(world, stytch_client):
    token = world.call("POST", "approve", ADA)["token"]
    discovered = stytch_client.oauth.discovery.authenticate(discovery_oauth_token=token)
    session = stytch_client.discovery.intermediate_sessions.exchange(
        intermediate_session_token=discovered.intermediate_session_token, organization_id=ACME
    )
    assert session.member.name == "Ada Lovelace"

    world.call("POST", "clock", {"advance_seconds": 24 * 60 * 60})
    with pytest.raises(StytchError) as error:
        stytch_client.sessions.authenticate(session_token=session.session_token)
    assert error.value.details.error_type == "session_not_found"


def test_an_email_has_a_link(world, stytch_client):
    stytch_client.magic_links.email.login_or_signup(organization_id=ACME, email_address="ada@acme.example")
    token = world.token(world.message("ada@acme.example")["link"])
    assert stytch_client.magic_links.authenticate(magic_links_token=token).member_authenticated


def test_stytch_is_unavailable(world, stytch_client):
    fault = {"method": "GET", "path": "/v1/b2b/organizations/*", "kind": "error", "status": 503, "error_type": "down"}
    world.call("POST", "faults", fault)
    with pytest.raises(StytchError) as error:
        stytch_client.organizations.get(organization_id=ACME)
    assert error.value.details.status_code == 503
    # The fault applied to one call only.
    assert stytch_client.organizations.get(organization_id=ACME).organization.organization_name == "Acme Corp"
