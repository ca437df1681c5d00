// Checks the Node hook with an app that does not know about it. Needs STYTCH_BASE_URL and the sandbox's credentials.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import https, { get } from "node:https";
import { after, before, test } from "node:test";

const { STYTCH_BASE_URL, STYTCH_PROJECT_ID } = process.env;
const HOOK = "./stytch-sandbox-hook.mjs";
const HEALTH = "https://test.stytch.com/_sandbox/health";

async function control(method, path, body) {
  const response = await fetch(`${STYTCH_BASE_URL}_sandbox/projects/${STYTCH_PROJECT_ID}/${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  assert.ok(response.ok, answer.error_message);
  return answer;
}

async function freePort() {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

const PORT = await freePort();
const app = `http://localhost:${PORT}`;
let running;

before(async () => {
  const env = { ...process.env, PORT, STYTCH_PUBLIC_URL: "http://browsers.localhost:3100" };
  running = spawn("node", ["--import", HOOK, "app.mjs"], { env, stdio: "inherit" });
  await control("PUT", "redirect_urls", { discovery: [`${app}/discovery`] });
  for (let tries = 0; !(await fetch(app).catch(() => null)); tries += 1) {
    assert.ok(tries < 1000, "the app does not start");
    await new Promise((resolve) => setTimeout(resolve, 20)); // between tries only
  }
});
after(() => running.kill());

test("it has ten lines", () => {
  const lines = readFileSync(HOOK, "utf8").split("\n").filter((line) => line && !line.startsWith("//"));
  assert.equal(lines.length, 10);
});

test("browsers are sent to the sandbox", async () => {
  const response = await fetch(`${app}/login`, { redirect: "manual" });
  assert.match(response.headers.get("location"), /^http:\/\/browsers\.localhost:3100\/v1\/b2b\/public\/oauth\/google\/discovery\/start\?/);
});

test("the SDK calls the sandbox by fetch and by node:https", async () => {
  await control("DELETE", "calls");
  const approval = { flow: "discovery_oauth", provider: "google", email: "ada@acme.example" };
  const { redirect_url } = await control("POST", "approve", approval);
  const signedIn = await fetch(redirect_url, { redirect: "manual" });
  assert.equal(signedIn.status, 302, await signedIn.text());
  const page = await fetch(app, { headers: { cookie: signedIn.headers.get("set-cookie").split(";")[0] } });
  assert.match(await page.text(), /Hello Ada Lovelace/);
  const { calls } = await control("GET", "calls");
  const paths = calls.map((call) => call.path);
  assert.ok(paths.includes("/v1/b2b/oauth/discovery/authenticate"), paths);
  assert.ok(paths.includes(`/v1/b2b/sessions/jwks/${STYTCH_PROJECT_ID}`), paths);
});

test("every way to call is moved", async () => {
  assert.equal((await fetch(HEALTH)).status, 200);
  assert.equal((await fetch(new URL(HEALTH))).status, 200);
  assert.equal((await fetch(new Request(HEALTH))).status, 200);
  const url = "https://test.stytch.com/_sandbox/projects";
  const created = await fetch(new Request(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"seed": "empty"}' }));
  assert.equal(created.status, 201);
  const [named] = await once(get(HEALTH), "response");
  assert.equal(named.resume().statusCode, 200);
  const [requested] = await once(https.request(new URL(HEALTH), { method: "GET" }).end(), "response");
  assert.equal(requested.resume().statusCode, 200);
});

test("other URLs stay as they are", async () => {
  const server = createServer((_, response) => response.setHeader("Location", "https://test.stytch.com.example/").end("other"));
  await once(server.listen(0, "localhost"), "listening");
  const response = await fetch(new Request(`http://localhost:${server.address().port}/`));
  assert.equal(response.headers.get("location"), "https://test.stytch.com.example/");
  assert.equal(await response.text(), "other");
  server.closeAllConnections();
  server.close();
  // The request goes to that host, on which no program listens.
  const [error] = await once(https.get("https://localhost:1/_sandbox/health"), "error");
  assert.equal(error.code, "ECONNREFUSED");
});
