// Runs the stories of `stories/` with the vendor's unchanged Node SDK. Prints a line for each call. Usage: run.mjs,
// with SANDBOX_URL, NOT_YET (endpoints, one on each line) and SDK_FOLDER (where node_modules is) in the environment.

import { readdirSync, readFileSync } from "node:fs";
import { at, filled, matches, otherStep, recordFetch, said, short, stytch, URL_OF_SANDBOX, world } from "./support.mjs";

/** A client, created as in the SDK's documentation but with another env. */
function client(world, secret) {
  const { project_id } = world;
  return new stytch.B2BClient({ project_id, secret: secret ?? world.secret, env: `${URL_OF_SANDBOX}/` });
}

/** `organizations.members.delete_totp` of the story is `organizations.members.deleteTOTP` here. */
const SPELLING = {
  get_jwks: "getJWKS",
  delete_totp: "deleteTOTP",
  delete_mfa_phone_number: "deleteMFAPhoneNumber",
  update_by_url: "updateByURL",
};
const camel = (name) => SPELLING[name] ?? name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

function call(sdk, name, args) {
  const parts = name.split(".").map(camel);
  const method = parts.pop();
  const resource = parts.reduce((target, part) => target[part], sdk);
  return resource[method](args);
}

function check(fact, message) {
  if (!fact) throw new Error(message);
}

async function step(world, step, variables) {
  const args = filled(step.with ?? {}, variables);
  let answer = null;
  let outcome = null;
  if ("call" in step) {
    try {
      answer = await call(client(world, step.secret), step.call, args);
    } catch (error) {
      if (!(error instanceof stytch.StytchError)) throw error;
      outcome = [error.status_code, error.error_type];
      check(error.request_id.startsWith("request-id-test-") && error.error_message, JSON.stringify(error));
    }
    said(step.call, outcome);
  } else {
    ({ answer, outcome } = await otherStep(world, step, args));
  }
  const wanted = step.fails ?? null;
  check(matches(outcome, wanted), `answered ${outcome}, not ${wanted}: ${short(answer)}`);
  for (const [path, value] of Object.entries(step.expect ?? {})) {
    const found = at(answer, path);
    const expected = filled(value, variables);
    check(
      matches(found, expected),
      `${path} is ${JSON.stringify(found)}, not ${JSON.stringify(expected)} in ${short(answer)}`,
    );
  }
  for (const [name, path] of Object.entries(step.save ?? {})) {
    variables[name] = at(answer, path);
    check(variables[name], `${path} is empty in ${short(answer)}`);
  }
}

recordFetch();
const notYet = new Set(process.env.NOT_YET.split("\n"));
const folder = new URL("./stories/", import.meta.url);
let failed = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith(".json")).sort()) {
  for (const story of JSON.parse(readFileSync(new URL(file, folder), "utf8"))) {
    const missing = (story.needs ?? []).filter((it) => notYet.has(it));
    console.log(`\n# ${story.story}${missing.length ? `: not yet, because ${missing[0]} is missing` : ""}`);
    if (missing.length) continue;
    const own = await world(story.world);
    const variables = { project_id: own.project_id };
    for (const [index, it] of story.steps.entries()) {
      try {
        await step(own, it, variables);
      } catch (error) {
        // Continue with the next story.
        failed += 1;
        console.log(`FAILED step ${index + 1} ${JSON.stringify(it)}\n  ${error.name}: ${error.message}`);
        break;
      }
    }
  }
}
process.exitCode = failed ? 1 : 0;
