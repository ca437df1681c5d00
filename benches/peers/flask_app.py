"""The signed-in page on Flask: a session on the server (Flask-Session), the session JWT checked locally by Stytch's SDK, a
Jinja template, the security headers of our pages. `run` starts it with gunicorn, whose access log is on.

Environment: STYTCH_BASE_URL, STYTCH_PROJECT_ID, STYTCH_SECRET, PEERS (the folder of `page.jinja`).
"""

import os
import secrets

import stytch
from cachelib import SimpleCache
from flask import Flask, abort, redirect, render_template, request, session
from flask_session import Session

client = stytch.B2BClient(
    project_id=os.environ["STYTCH_PROJECT_ID"],
    secret=os.environ["STYTCH_SECRET"],
    environment=os.environ["STYTCH_BASE_URL"] + "/",
)
app = Flask(__name__, template_folder=os.environ["PEERS"])
app.jinja_env.autoescape = True
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
    session["page"] = {
        "member_name": login.member.name,
        "email": login.member.email_address,
        "member_id": login.member_id,
        "organization_name": login.organization.organization_name,
        "slug": login.organization.organization_slug,
        "organization_id": login.organization_id,
        "session_id": login.member_session.member_session_id,
    }
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
    if session["page"]["slug"] != slug:
        abort(404)
    return render_template("page.jinja", form_id=secrets.token_urlsafe(32), **session["page"])
