// Helpers for the stories besides the SDK: new worlds, a browser at the consent page, and a log of all calls. The
// counterpart of support.py.

import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";

const { SANDBOX_URL, SDK_FOLDER } = process.env;

export const URL_OF_SANDBOX = SANDBOX_URL;
export const stytch = createRequire(`${SDK_FOLDER}/`)("stytch");

const plainFetch = globalThis.fetch;

/** A new world with the built-in cast and these settings. */
export async function world(settings = {}) {
  const headers = { "content-type": "application/json" };
  const made = await plainFetch(`${SANDBOX_URL}/_sandbox/projects`, { method: "POST", headers, body: JSON.stringify({ rate_limits: false, ...settings }) });
  if (made.status !== 201) throw new Error(await made.text());
  return made.json();
}

/** Prints the SDK's calls, which the driver counts. */
export function recordFetch() {
  globalThis.fetch = async (url, options) => {
    const answer = await plainFetch(url, options);
    wire(options?.method ?? "GET", url, answer.status);
    return answer;
  };
}

function wire(method, url, status) {
  console.log(`  ${method} ${new URL(url).pathname} ${status}`);
}

export function said(what, outcome) {
  console.log(`  ${what}: ${outcome ? outcome[1] : "ok"}`);
}

/** The value with `$name` replaced by what an earlier step saved. */
export function filled(value, variables) {
  if (Array.isArray(value)) return value.map((it) => filled(it, variables));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, filled(it, variables)]));
  }
  if (typeof value === "string" && value.startsWith("$")) {
    const name = value.slice(1);
    if (!(name in variables)) throw new Error(`no step saved ${name}`);
    return variables[name];
  }
  return value;
}

/** The value at a path such as `a.0.b`; `length` of a list is its length. */
export function at(answer, path) {
  return path.split(".").reduce((value, part) => {
    if (value === null || typeof value !== "object" || !(part in value)) throw new Error(`no ${path}`);
    return value[part];
  }, answer);
}

/** Equality, but `…` stands for any text that is not empty. */
export function matches(found, wanted) {
  if (wanted === "…") return typeof found === "string" && found !== "";
  return isDeepStrictEqual(found, wanted);
}

export function short(answer) {
  const text = JSON.stringify(answer);
  return text.length < 2000 ? text : `${text.slice(0, 2000)} ...`;
}

/** A step that is not a call of the SDK. Returns its result and, if it failed, the status and error type. */
export async function otherStep(world, step, args) {
  if ("start" in step) return start(world, step.start, args, step.person);
  if ("control" in step) return control(world, step.control, args);
  said("query of the link", null);
  return { answer: Object.fromEntries(new URL(args.url).searchParams), outcome: null };
}

const unescape = (text) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");

/** A browser: opens the start URL, presses the person's button, and returns what the app would receive. */
async function start(world, path, parameters, person) {
  const query = new URLSearchParams({ public_token: world.public_token, ...parameters });
  const url = `${SANDBOX_URL}/v1/${path}?${query}`;
  const begun = await plainFetch(url, { redirect: "manual", headers: { accept: "application/json" } });
  wire("GET", url, begun.status);
  if (begun.status !== 302) {
    return { answer: null, outcome: [begun.status, (await begun.json()).error_type] };
  }
  const page = new URL(begun.headers.get("location"), url).href;
  if (person === undefined) return { answer: { page }, outcome: null }; // stop at the page
  const headers = { cookie: begun.headers.get("set-cookie").split(";")[0] };
  const text = await (await plainFetch(page, { headers })).text();
  const buttons = [...text.matchAll(/<button[^>]*value="([^"]*)"[^>]*>(.*?)<\/button>/gs)];
  const button = buttons.find(([, , inside]) => unescape(inside).includes(person));
  if (!button) throw new Error(`no button of ${person} on ${page}`);
  const body = new URLSearchParams({ person: unescape(button[1]) });
  const left = await plainFetch(page, { method: "POST", redirect: "manual", headers, body });
  if (left.status !== 303) throw new Error(await left.text());
  said(`${path} by ${person}`, null);
  return { answer: Object.fromEntries(new URL(left.headers.get("location"), page).searchParams), outcome: null };
}

/** A call of the control API of this world: `POST approve`, `GET inbox`. */
async function control(world, what, args) {
  const [method, name] = what.split(" ");
  const url = new URL(`${SANDBOX_URL}/_sandbox/projects/${world.project_id}/${name}`);
  const options = { method, headers: { "content-type": "application/json" } };
  if (method === "GET") url.search = new URLSearchParams(args);
  else options.body = JSON.stringify(args);
  const reply = await plainFetch(url, options);
  const text = await reply.text();
  if (reply.status >= 300) throw new Error(`${method} ${url}: ${reply.status} ${text}`);
  said(`control ${what}`, null);
  return { answer: JSON.parse(text), outcome: null };
}
