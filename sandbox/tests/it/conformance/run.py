"""Runs the stories of `stories/` with the vendor's unchanged Python SDK. It parses every response with its strict
models, so a missing or misspelled field fails here. Prints a line for each call. Usage: run.py, with SANDBOX_URL and
NOT_YET (endpoints, one on each line) in the environment."""

import json
import os
import pathlib
import sys

import stytch
from stytch.core.response_base import StytchError

import support
from support import URL, World, matches, said


def client(world, secret=None):
    """A client, created as in the SDK's documentation but with another environment."""
    return stytch.B2BClient(
        project_id=world.project_id,
        secret=secret or world.secret,
        environment=URL + "/",
        sync_session=support.recording_session(),
    )


def call(sdk, name, arguments):
    """The function of the SDK with this name, such as `organizations.members.get`."""
    target = sdk
    for part in name.split("."):
        target = getattr(target, part)
    return target(**arguments)


def step(world, step, variables):
    arguments = support.filled(step.get("with", {}), variables)
    if "call" in step:
        sdk = client(world, step.get("secret"))
        try:
            answer = call(sdk, step["call"], arguments).model_dump(mode="json")
            outcome = None
        except StytchError as error:
            answer, outcome = None, [error.details.status_code, error.details.error_type]
            assert error.details.request_id.startswith("request-id-test-"), error
            assert error.details.error_message, error
        said(step["call"], outcome)
    else:
        answer, outcome = support.other_step(world, step, arguments)
    assert outcome == step.get("fails"), f"answered {outcome}, not {step.get('fails')}: {support.short(answer)}"
    for path, wanted in step.get("expect", {}).items():
        found, wanted = support.at(answer, path), support.filled(wanted, variables)
        assert matches(found, wanted), f"{path} is {found!r}, not {wanted!r} in {support.short(answer)}"
    for name, path in step.get("save", {}).items():
        variables[name] = support.at(answer, path)
        assert variables[name], f"{path} is empty in {support.short(answer)}"


def main():
    not_yet = set(os.environ["NOT_YET"].splitlines())
    failed = 0
    for file in sorted((pathlib.Path(__file__).parent / "stories").glob("*.json")):
        for story in json.loads(file.read_text()):
            missing = [it for it in story.get("needs", []) if it in not_yet]
            print(f"\n# {story['story']}" + (f": not yet, because {missing[0]} is missing" if missing else ""))
            if missing:
                continue
            world, variables = World(story.get("world", {})), {}
            variables.update(project_id=world.project_id)
            for number, it in enumerate(story["steps"], 1):
                try:
                    step(world, it, variables)
                except Exception as error:  # continue with the next story
                    failed += 1
                    print(f"FAILED step {number} {json.dumps(it)}\n  {type(error).__name__}: {error}")
                    break
    sys.exit(1 if failed else 0)


main()
