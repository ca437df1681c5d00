"""Fixtures for pytest: each test has its own world in the sandbox, and a client of Stytch's SDK for it.

Copy this file to the folder of your tests. It starts `stytch-sandbox` on a free port, or uses the one at STYTCH_BASE_URL.
"""

import json
import os
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest
import stytch

# The URLs of your app that Stytch redirects browsers to.
REDIRECT_URLS = {
    "login": ["http://localhost:3000/authenticate"],
    "signup": ["http://localhost:3000/authenticate"],
    "discovery": ["http://localhost:3000/discovery"],
}


class World:
    """A project in the sandbox: credentials, organizations and people that no other test sees."""

    def __init__(self, sandbox_url, **settings):
        self.sandbox_url = sandbox_url
        created = control(sandbox_url, "POST", "projects", {"redirect_urls": REDIRECT_URLS, **settings})
        self.project_id = created["project_id"]
        self.secret = created["secret"]
        self.public_token = created["public_token"]

    def call(self, method, path, body=None):
        """Calls the control API, for example `call("POST", "clock", {"advance_seconds": 3600})`."""
        return control(self.sandbox_url, method, f"projects/{self.project_id}/{path}", body)

    def token(self, url):
        """The one-time token in a redirect URL or in a link of an email."""
        return urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["token"][0]

    def message(self, to):
        """The newest message to an email address or a phone number. Waits up to ten seconds for it."""
        messages = self.call("GET", f"inbox?to={urllib.parse.quote(to)}&wait_seconds=10")["messages"]
        assert messages, f"the sandbox sent no message to {to} within ten seconds"
        return messages[0]

    def delete(self):
        control(self.sandbox_url, "DELETE", f"projects/{self.project_id}")


def control(sandbox_url, method, path, body=None):
    """Calls the control API. An error shows its message."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if data else {}
    request = urllib.request.Request(f"{sandbox_url}/_sandbox/{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        message = json.load(error)["error_message"]
        raise AssertionError(f"{method} {path}: {message}") from None


@pytest.fixture(scope="session")
def sandbox_url():
    if running := os.environ.get("STYTCH_BASE_URL"):
        yield running.rstrip("/")
        return
    command = ["stytch-sandbox", "--bind", "127.0.0.1:0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        try:
            yield json.loads(program.stdout.readline())["url"].rstrip("/")
        finally:
            program.terminate()


@pytest.fixture
def world(sandbox_url):
    """A world for this test alone, with the built-in people."""
    world = World(sandbox_url)
    yield world
    world.delete()


@pytest.fixture
def stytch_client(world):
    return stytch.B2BClient(
        project_id=world.project_id, secret=world.secret, environment=f"{world.sandbox_url}/"
    )
