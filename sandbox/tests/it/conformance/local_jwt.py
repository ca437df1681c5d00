"""The Python SDK's local check of a session JWT, and how it follows a rotation of the keys."""

import asyncio
import base64
import json

import stytch
from stytch.b2b.models.sessions import AuthorizationCheck
from stytch.shared.rbac_local import RBACPermissionError, TenancyError

import support
from support import URL, World

world = World({})


def sdk():
    return stytch.B2BClient(project_id=world.project_id, secret=world.secret, environment=URL + "/")


def session(client):
    """A fresh session of Ada's in Acme."""
    step = {"start": "b2b/public/oauth/google/start", "person": "ada@acme.example"}
    back, failed = support.other_step(world, step, {"slug": "acme"})
    assert failed is None, failed
    claims = {"team": "blue"}
    return client.oauth.authenticate(oauth_token=back["token"], session_custom_claims=claims, session_duration_minutes=60)


def kid(jwt):
    header = jwt.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]


def tampered(jwt):
    header, claims, signature = jwt.split(".")
    return ".".join([header, claims, ("A" if signature[0] != "A" else "B") + signature[1:]])


client = sdk()
login = session(client)
local = client.sessions.authenticate_jwt_local(login.session_jwt)
assert local is not None, "the JWT does not verify locally"
assert local.member_session_id == login.member_session.member_session_id
assert (local.member_id, local.organization_slug) == (login.member_id, "acme")
assert local.custom_claims["team"] == "blue" and "stytch_admin" in local.roles
assert local.expires_at == login.member_session.expires_at
assert local.authentication_factors[0].google_oauth_factor is not None
print("verified locally: session, member, organization, roles, claims and factors are those of the login")

assert client.sessions.authenticate_jwt_local(tampered(login.session_jwt)) is None
assert client.sessions.authenticate_jwt_local(login.session_jwt, max_token_age_seconds=0) is None
print("refused locally: a signature that was changed, a JWT that is too old")

remote = client.sessions.authenticate_jwt(login.session_jwt, max_token_age_seconds=0)
assert remote.member_session.member_session_id == local.member_session_id
print("asked the sandbox where the local check did not do")

answer = asyncio.run(client.sessions.authenticate_jwt_local_async(login.session_jwt))
assert answer is not None and answer.member_id == login.member_id
print("verified locally by the async client")

other = stytch.B2BClient(
    project_id="project-test-00000000-0000-4000-8000-000000000000", secret="secret-test-x", environment=URL + "/"
)
try:
    refused = other.sessions.authenticate_jwt_local(login.session_jwt) is None
except Exception as error:  # the JWKS of a project that is not there
    refused = type(error).__name__ == "PyJWKClientConnectionError"
assert refused, "another project took the JWT"
print("refused by another project")

allowed = {"organization_id": login.organization_id, "resource_id": "stytch.member", "action": "create"}
client.sessions.authenticate_jwt_local(login.session_jwt, authorization_check=AuthorizationCheck(**allowed))
for wrong in ({"resource_id": "documents"}, {"organization_id": "organization-test-elsewhere"}):
    try:
        check = AuthorizationCheck(**{**allowed, **wrong})
        client.sessions.authenticate_jwt_local(login.session_jwt, authorization_check=check)
        raise SystemExit(f"permitted although {wrong}")
    except (RBACPermissionError, TenancyError) as error:
        print(f"permission refused locally: {type(error).__name__}")

support.control(world, "POST keys/rotate", {})
fresh = session(client)
assert kid(fresh.session_jwt) != kid(login.session_jwt), "the key is the old one"
keys = {key.kid for key in client.sessions.get_jwks(project_id=world.project_id).keys}
assert {kid(fresh.session_jwt), kid(login.session_jwt)} <= keys, keys
# PyJWT asks for unknown keys at most every 30 seconds, so the client that knows the old set has to wait for the new
# key; that is the SDK's way with any rotation.
assert client.sessions.authenticate_jwt_local(login.session_jwt) is not None
for jwt in (login.session_jwt, fresh.session_jwt):
    assert sdk().sessions.authenticate_jwt_local(jwt) is not None
print("keys rotated: JWTs of the old and the new key verify")
print("JWT CHECKS DONE")
