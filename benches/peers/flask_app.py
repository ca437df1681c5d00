"""The signed-in page on Flask: a session on the server (Flask-Session), the session JWT checked locally by Stytch's SDK, a
Jinja template, the security headers of our pages. `run` starts it with gunicorn, whose access log is on.

Environment: STYTCH_BASE_URL, STYTCH_PROJECT_ID, STYTCH_SECRET, STYLES_URL and FAVICON_URL (paths of the app's files).
"""

import os
import secrets
from datetime import UTC, datetime

import stytch
import words
from cachelib import SimpleCache
from flask import Flask, abort, redirect, render_template, request, session
from flask_session import Session

client = stytch.B2BClient(
    project_id=os.environ["STYTCH_PROJECT_ID"],
    secret=os.environ["STYTCH_SECRET"],
    environment=os.environ["STYTCH_BASE_URL"] + "/",
)
app = Flask(__name__, template_folder=".")
app.jinja_env.autoescape = True
for name in ["bdi", "bdi_json", "factor_words", "hue", "initial", "isolated", "role", "time_ago", "time_left"]:
    app.jinja_env.filters[name] = getattr(words, name)
app.jinja_env.globals.update(
    prefix="",
    home="/",
    sandbox=os.environ["STYTCH_BASE_URL"],
    styles_url=os.environ["STYLES_URL"],
    favicon_url=os.environ["FAVICON_URL"],
)
app.config.update(
    SESSION_TYPE="cachelib",
    SESSION_CACHELIB=SimpleCache(threshold=0, default_timeout=0),
    SESSION_COOKIE_SAMESITE="Lax",
    SESSION_REFRESH_EACH_REQUEST=False,  # as in the app, a page that changes nothing writes nothing
)
Session(app)

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), publickey-credentials-get=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@app.after_request
def security_headers(response):
    response.headers.update(HEADERS)
    return response


@app.get("/authenticate")
def authenticate():
    """The end of a sign-in."""
    login = client.oauth.authenticate(oauth_token=request.args["token"], session_duration_minutes=60)
    session.clear()
    session["session_jwt"] = login.session_jwt
    session["member"] = login.member.model_dump(mode="json")
    session["organization"] = login.organization.model_dump(mode="json")
    session["member_session"] = login.member_session.model_dump(mode="json")
    return redirect("/org/" + login.organization.organization_slug, 303)


@app.get("/org/<slug>")
def page(slug):
    jwt = session.get("session_jwt")
    if jwt is None:
        abort(401)
    # A local check while the JWT is valid, and a call to Stytch afterwards.
    checked = client.sessions.authenticate_jwt(session_jwt=jwt)
    if checked.session_jwt != jwt:
        session["session_jwt"] = checked.session_jwt
    member, organization = session["member"], session["organization"]
    if organization["organization_slug"] != slug:
        abort(404)
    domain = member["email_address"].rpartition("@")[2]
    methods = [factor["delivery_method"] for factor in session["member_session"]["authentication_factors"]]
    return render_template(
        "page.jinja",
        now=datetime.now(UTC),
        form_id=secrets.token_urlsafe(32),
        member=member,
        organization=organization,
        member_session=session["member_session"],
        providers=[(slug, name) for slug, name in words.PROVIDERS.items() if "oauth_" + slug in methods],
        domain=domain,
        can_be_opened=can_be_opened_to(domain, organization),
        jit_fault="",
        shown=without_tokens(member, organization, session["member_session"]),
    )


def can_be_opened_to(domain, organization):
    """Whether the visitor could let more people with this domain join."""
    match organization["email_jit_provisioning"]:
        case "RESTRICTED":
            return domain not in organization["email_allowed_domains"]
        case rule:
            return rule == "NOT_ALLOWED"


def without_tokens(member, organization, member_session):
    """What the page shows as JSON."""
    factors = member_session["authentication_factors"]
    return {
        "member": {
            "member_id": member["member_id"],
            "email_address": member["email_address"],
            "name": member["name"],
            "status": member["status"],
            "roles": [role["role_id"] for role in member["roles"]],
        },
        "organization": {
            "organization_id": organization["organization_id"],
            "organization_name": organization["organization_name"],
            "organization_slug": organization["organization_slug"],
        },
        "session": {
            "authentication_factors": [
                {name: factor[name] for name in ["type", "delivery_method", "last_authenticated_at"]}
                for factor in factors
            ],
            "expires_at": member_session["expires_at"],
            "member_session_id": member_session["member_session_id"],
            "started_at": member_session["started_at"],
        },
    }
