// Fixtures for Playwright: each worker has its own app and its own world in the sandbox, which is reset before each test.
// Copy this file, set START_APP, and import `test` and `expect` from here in your tests.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test as base, expect, type BrowserContext } from "@playwright/test";

export { expect };
export const SANDBOX_URL = process.env.STYTCH_BASE_URL ?? "http://localhost:3100/";

/** Starts your app's server. It gets PORT and the STYTCH_* variables. */
const START_APP = ["node", "--import", "./stytch-sandbox-hook.mjs", "app.mjs"];
/** The paths of your app that Stytch redirects browsers to. */
const CALLBACKS = { login: ["/authenticate"], signup: ["/authenticate"], discovery: ["/discovery"] };

/** A project in the sandbox: credentials, organizations and people that no other test sees. */
export class World {
  constructor(readonly project_id: string, readonly secret: string, readonly public_token: string) {}

  /** Calls the control API, for example `call("POST", "clock", { advance_seconds: 3600 })`. Throws its error message. */
  async call(method: string, path: string, body?: object): Promise<any> {
    return control(method, `projects/${this.project_id}/${path}`, body);
  }

  /** The newest message to an email address or a phone number. Waits up to ten seconds for it. */
  async message(to: string): Promise<{ id: string; link: string | null; code: string | null }> {
    const { messages } = await this.call("GET", `inbox?to=${encodeURIComponent(to)}&wait_seconds=10`);
    if (!messages[0]) throw new Error(`The sandbox sent no message to ${to} within ten seconds.`);
    return messages[0];
  }
}

type Running = { world: World; appURL: string };

export const test = base.extend<{ own: Running; resetWorld: void }, { running: Running; world: World; appURL: string }>({
  running: [async ({}, use) => run(use), { scope: "worker" }],
  world: [({ running }, use) => use(running.world), { scope: "worker" }],
  appURL: [({ running }, use) => use(running.appURL), { scope: "worker" }],
  baseURL: ({ appURL }, use) => use(appURL),
  context: async ({ context }, use) => {
    await sendStytchToSandbox(context);
    await use(context);
  },
  resetWorld: [async ({ world }, use) => {
    await world.call("POST", "reset");
    await use();
  }, { auto: true }],
  /** A world and an app for one test alone, for a test that needs another seed or must not share an app. */
  own: async ({}, use) => run(use),
});

async function control(method: string, path: string, body?: object): Promise<any> {
  const response = await fetch(`${SANDBOX_URL}_sandbox/${path}`, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  const answer: any = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${answer.error_message}`);
  return answer;
}

/** Creates a world, starts an app with its credentials, and removes both after use. */
async function run(use: (running: Running) => Promise<void>) {
  const port = await freePort();
  const appURL = `http://localhost:${port}`;
  const callbacks = Object.entries(CALLBACKS).map(([type, paths]) => [type, paths.map((path) => appURL + path)]);
  const created = await control("POST", "projects", { redirect_urls: Object.fromEntries(callbacks) });
  const world = new World(created.project_id, created.secret, created.public_token);
  const [command, ...args] = START_APP;
  const env = {
    ...process.env,
    PORT: `${port}`,
    STYTCH_BASE_URL: SANDBOX_URL,
    STYTCH_PROJECT_ID: world.project_id,
    STYTCH_SECRET: world.secret,
    STYTCH_PUBLIC_TOKEN: world.public_token,
  };
  const app = spawn(command, args, { env, stdio: "inherit" });
  try {
    await expect.poll(() => fetch(appURL).then(() => true, () => false), { timeout: 30_000 }).toBe(true);
    await use({ world, appURL });
  } finally {
    app.kill();
    await control("DELETE", `projects/${world.project_id}`);
  }
}

async function freePort() {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** For pages with fixed URLs of Stytch: they navigate to the sandbox, and the browser SDK gets the sandbox's responses. */
async function sendStytchToSandbox(context: BrowserContext) {
  const stytch = /^https:\/\/(test|web)\.stytch\.com\//;
  await context.route(stytch, async (route) => {
    const url = route.request().url().replace(stytch, SANDBOX_URL);
    const navigates = route.request().isNavigationRequest();
    await route.fulfill(navigates ? { status: 307, headers: { location: url } } : { response: await route.fetch({ url }) });
  });
}
