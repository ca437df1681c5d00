"""What `page.jinja` calls: names that can't change the text around them, times in words, and labels."""

import json
import re
from datetime import datetime, timedelta

from markupsafe import Markup, escape

PROVIDERS = {
    "google": "Google",
    "microsoft": "Microsoft",
    "github": "GitHub",
    "slack": "Slack",
    "hubspot": "HubSpot",
}
ROLES = {"stytch_admin": "Administrator", "stytch_member": "Member"}
FACTORS = {
    ("email", "magic_link"): "Email link",
    ("email", "email_otp"): "Email code",
    ("email", "otp"): "Email code",
}
DELIVERY_METHODS = {
    "authenticator_app": "Authenticator app",
    "knowledge": "Password",
    "recovery_code": "Recovery code",
    "recovery_codes": "Recovery code",
    "sms": "SMS code",
    "sso_oidc": "SSO (OIDC)",
    "sso_saml": "SSO (SAML)",
}
MINUTE = timedelta(minutes=1)

# Control characters, and those that override, embed or isolate a direction.
DISRUPTIVE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def isolated(name):
    """A name within plain text."""
    return f"\u2068{DISRUPTIVE.sub('', name)}\u2069"


def bdi(name):
    """A name within HTML."""
    return Markup(f"<bdi>{escape(DISRUPTIVE.sub('', name))}</bdi>")


def bdi_json(value):
    """Indented JSON within HTML."""
    lines = json.dumps(value, indent=2, ensure_ascii=False).split("\n")
    return Markup("\n").join(line if line.isascii() and line.isprintable() else bdi(line) for line in lines)


def initial(name):
    letters = (c for c in name if c.isalnum())
    return next(letters, name[:1]).upper()


def hue(name):
    total = 7
    for byte in name.encode():
        total = total * 31 % 1009 + byte
    return total % 6


def role(role):
    return ROLES.get(role, role)


def factor_words(factor):
    method, kind = factor["delivery_method"], factor["type"]
    provider = PROVIDERS.get(method.removeprefix("oauth_"))
    label = provider or FACTORS.get((method, kind)) or DELIVERY_METHODS.get(method)
    return label or method.replace("_", " ")


def time_left(at, now):
    left = datetime.fromisoformat(at) - now
    # The page is rendered a moment after Stytch's response, but should still say 10 minutes.
    if left + timedelta(seconds=5) < MINUTE:
        seconds = max(int(left.total_seconds()), 0)
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return span(left + timedelta(seconds=5))


def time_ago(at, now):
    ago = now - datetime.fromisoformat(at)
    return "less than a minute ago" if ago < MINUTE else f"{span(ago)} ago"


def span(duration):
    minutes = duration // MINUTE
    if minutes == 1:
        return "1 minute"
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
