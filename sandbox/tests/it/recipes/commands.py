"""Runs the commands in docs/recipes/compose.yaml or in github-workflow.yml. Usage: commands.py compose|workflow, with
PROGRAM (the built stytch-sandbox) and DOCKERFILE (of its image) in the environment, in a folder with the files of all recipes and app.mjs."""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from ruamel.yaml import YAML

PROGRAM = os.environ["PROGRAM"]


def read(name):
    return YAML(typ="safe").load(pathlib.Path(name))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def send(url, headers=None, body=None):
    """Status, headers and text of a response. Does not follow redirects."""
    opener = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))
    data = None if body is None else json.dumps(body).encode()
    if data:
        headers = {"Content-Type": "application/json", **(headers or {})}
    try:
        answer = opener.open(urllib.request.Request(url, data, headers or {}), timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.headers, answer.read().decode()


def started(url):
    """Waits until a program listens at this URL."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            return send(url)
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nothing listens at {url}")


def compose():
    """Runs both services with their commands and environments, but with this machine's addresses and ports."""
    services = read("compose.yaml")["services"]
    sandbox, app = services["stytch-sandbox"], services["app"]
    # The app waits until the sandbox is healthy, which the image's health check reports.
    assert app["depends_on"]["stytch-sandbox"]["condition"] == "service_healthy", app
    assert "\nHEALTHCHECK " in pathlib.Path(os.environ["DOCKERFILE"]).read_text()
    assert sandbox["environment"] == {"SANDBOX_BIND": "0.0.0.0:3100"}, sandbox
    environment = {"SANDBOX_BIND": "0.0.0.0:0"}
    with subprocess.Popen([PROGRAM, *sandbox["command"]], env=environment, stdout=subprocess.PIPE, text=True) as program:
        try:
            check_compose(introduction(program.stdout), app)
        finally:
            program.terminate()


def introduction(lines):
    """Its output up to the last credential."""
    printed = ""
    for line in lines:
        printed += line
        if "STYTCH_PUBLIC_TOKEN=" in line:
            return printed
    raise AssertionError(f"the program ended: {printed}")


def check_compose(printed, app):
    here = re.search(r"listens on (http://\S+)", printed)[1].rstrip("/")
    # The host names that the app and browsers use.
    for host in ("stytch-sandbox:3100", "localhost:3100"):
        assert send(f"{here}/_sandbox/health", {"Host": host})[0] == 200, host
    environment = app["environment"]
    for name in ("STYTCH_PUBLIC_URL", "STYTCH_PROJECT_ID", "STYTCH_SECRET", "STYTCH_PUBLIC_TOKEN"):
        assert f"{name}={environment[name]}\n" in printed, (name, printed)
    assert environment["STYTCH_BASE_URL"] == "http://stytch-sandbox:3100/"
    port = free_port()
    moved = {"STYTCH_BASE_URL": f"{here}/", "PORT": str(port), "PATH": os.environ["PATH"]}
    with subprocess.Popen(app["command"], env={**environment, **moved}) as running:
        try:
            started(f"http://localhost:{port}")
            check_sign_in(here, f"http://localhost:{port}", environment["STYTCH_PROJECT_ID"])
        finally:
            running.terminate()


def check_sign_in(sandbox, app, project_id):
    location = send(f"{app}/login")[1]["Location"]
    assert location.startswith("http://localhost:3100/v1/b2b/public/oauth/"), location
    wanted = "http://localhost:3000/discovery"
    approval = {"flow": "discovery_oauth", "provider": "google", "email": "ada@acme.example", "redirect_url": wanted}
    status, _, text = send(f"{sandbox}/_sandbox/projects/{project_id}/approve", body=approval)
    assert status == 200, text
    _, headers, text = send(json.loads(text)["redirect_url"].replace("http://localhost:3000", app))
    assert "Set-Cookie" in headers, text
    _, _, page = send(app, {"Cookie": headers["Set-Cookie"].split(";")[0]})
    assert "Hello Ada Lovelace" in page, page


# Differences between this machine and GitHub's runners, by command.
CHANGES = {
    "npm run test:browser": {
        "CHROMIUM_PATH": os.environ.get("CHROMIUM_PATH", "/usr/bin/chromium"),
        "STYTCH_BASE_URL": f"http://127.0.0.1:{free_port()}/",
    },
}


def workflow():
    """Runs each `run` of the workflow in order, as a runner does. The release is packed from the built program."""
    content = read("github-workflow.yml")
    temp = pathlib.Path("temp").absolute()
    temp.mkdir()
    archive = pack(temp, pathlib.PurePosixPath(content["env"]["STYTCH_SANDBOX"]).name)
    path_file = temp / "path"
    path_file.touch()
    ran = []
    for step in content["jobs"]["tests"]["steps"]:
        if "run" not in step:
            continue
        environment = {
            **os.environ,
            **content["env"],
            **step.get("env", {}),
            "STYTCH_SANDBOX": archive.as_uri(),
            "RUNNER_TEMP": str(temp),
            "GITHUB_PATH": str(path_file),
            **CHANGES.get(step["run"], {}),
        }
        environment["PATH"] = os.pathsep.join([*path_file.read_text().split("\n")[:-1], os.environ["PATH"]])
        print(f"\n# {step['name']}\n{step['run']}", flush=True)
        subprocess.run(["bash", "-e", "-c", step["run"]], env=environment, check=True, timeout=300)
        ran.append(step["run"])
    assert set(CHANGES) <= set(ran) and len(ran) == 5, ran


def pack(temp, name):
    folder = temp / "packed" / name.removesuffix(".tar.gz")
    folder.mkdir(parents=True)
    shutil.copy(PROGRAM, folder / "stytch-sandbox")
    archive = temp / name
    subprocess.run(["tar", "-czf", archive, "-C", folder.parent, folder.name], check=True)
    return archive


if __name__ == "__main__":
    {"compose": compose, "workflow": workflow}[sys.argv[1]]()
    print("COMMANDS DONE")
