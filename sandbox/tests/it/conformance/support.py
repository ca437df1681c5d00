"""Helpers for the stories besides the SDK: new worlds, a browser at the consent page, and a log of
all calls."""

import html
import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request

import requests

URL = os.environ["SANDBOX_URL"]


class World:
    """A new world with the built-in cast and these settings."""

    def __init__(self, settings):
        body = json.dumps({"rate_limits": False, **settings}).encode()
        status, _, text = send("POST", f"{URL}/_sandbox/projects", {"Content-Type": "application/json"}, body)
        assert status == 201, text
        made = json.loads(text)
        self.project_id, self.secret, self.public_token = (
            made[name] for name in ("project_id", "secret", "public_token")
        )


def recording_session():
    """An HTTP session for the SDK that prints its calls, which the driver counts."""
    session = requests.Session()
    session.hooks["response"] = lambda answer, **_: wire(answer.request.method, answer.url, answer.status_code)
    return session


def wire(method, url, status):
    print(f"  {method} {urllib.parse.urlsplit(url).path} {status}")


def said(what, outcome):
    print(f"  {what}: {outcome[1] if outcome else 'ok'}")


def filled(value, variables):
    """The value with `$name` replaced by what an earlier step saved."""
    if isinstance(value, dict):
        return {key: filled(it, variables) for key, it in value.items()}
    if isinstance(value, list):
        return [filled(it, variables) for it in value]
    if isinstance(value, str) and value.startswith("$"):
        return variables[value[1:]]
    return value


def at(answer, path):
    """The value at a path such as `a.0.b`; `length` of a list is its length."""
    for part in path.split("."):
        if isinstance(answer, list):
            answer = len(answer) if part == "length" else answer[int(part)]
        else:
            answer = answer[part]
    return answer


def matches(found, wanted):
    """Equality, but `…` stands for any text that is not empty."""
    if wanted == "…":
        return isinstance(found, str) and found != ""
    return found == wanted


def short(answer):
    text = json.dumps(answer)
    return text if len(text) < 2000 else text[:2000] + " ..."


def other_step(world, step, arguments):
    """A step that is not a call of the SDK. Returns its result and, if it failed, the status and error type."""
    if "start" in step:
        return start(world, step["start"], arguments, step.get("person"))
    if "control" in step:
        return control(world, step["control"], arguments)
    query = urllib.parse.urlsplit(arguments["url"]).query
    said("query of the link", None)
    return dict(urllib.parse.parse_qsl(query)), None


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


BROWSER = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))


def send(method, url, headers=None, body=None):
    """Status, headers and text of a response. Does not follow redirects."""
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    try:
        answer = BROWSER.open(request)
    except urllib.error.HTTPError as error:
        answer = error
    text = answer.read().decode()
    return answer.status, answer.headers, text


def start(world, path, parameters, person):
    """A browser: opens the start URL, presses the person's button, and returns what the app would receive."""
    query = urllib.parse.urlencode({"public_token": world.public_token, **parameters})
    url = f"{URL}/v1/{path}?{query}"
    status, headers, text = send("GET", url, {"Accept": "application/json"})
    wire("GET", url, status)
    if status != 302:
        error = json.loads(text)
        return None, [status, error["error_type"]]
    if person is None:  # stop at the page
        return {"page": urllib.parse.urljoin(url, headers["Location"])}, None
    page, cookie = urllib.parse.urljoin(url, headers["Location"]), headers["Set-Cookie"].split(";")[0]
    status, _, text = send("GET", page, {"Cookie": cookie})
    assert status == 200, text
    buttons = re.findall(r'<button[^>]*value="([^"]*)"[^>]*>(.*?)</button>', text, re.DOTALL)
    values = [html.unescape(value) for value, inside in buttons if person in html.unescape(inside)]
    assert values, f"no button of {person} on {page}"
    form = urllib.parse.urlencode({"person": values[0]}).encode()
    content_type = "application/x-www-form-urlencoded"
    status, headers, text = send("POST", page, {"Cookie": cookie, "Content-Type": content_type}, form)
    assert status == 303, text
    said(f"{path} by {person}", None)
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(headers["Location"]).query)), None


def control(world, what, arguments):
    """A call of the control API of this world: `POST approve`, `GET inbox`."""
    method, name = what.split(" ")
    url, body = f"{URL}/_sandbox/projects/{world.project_id}/{name}", None
    if method == "GET":
        url += "?" + urllib.parse.urlencode(arguments)
    else:
        body = json.dumps(arguments).encode()
    status, _, text = send(method, url, {"Content-Type": "application/json"}, body)
    assert status < 300, f"{method} {url}: {status} {text}"
    said(f"control {what}", None)
    return json.loads(text), None
