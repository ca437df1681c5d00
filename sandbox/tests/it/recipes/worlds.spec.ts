// Checks the Playwright fixtures, in addition to example.spec.ts.
import { readFileSync } from "node:fs";
import { expect, test, SANDBOX_URL } from "./stytch-sandbox";

const ADA = { flow: "discovery_oauth", provider: "google", email: "ada@acme.example" };

// The Rust test reads these lines.
test.beforeEach(({ world }, { workerIndex }) => console.log(`WORLD ${workerIndex} ${world.project_id}`));

for (const number of [1, 2]) {
  test(`a world for each worker, reset before each test, ${number}`, async ({ world }) => {
    expect((await world.call("GET", "calls")).calls).toEqual([]);
    expect((await world.call("GET", "faults")).faults).toEqual([]);
    await world.call("POST", "faults", { method: "GET", path: "/v1/b2b/organizations/*", kind: "empty" });
    await world.call("POST", "approve", { ...ADA, email: "somebody@new.example" });
    expect((await world.call("GET", "state")).people.filter((it) => it.email === "somebody@new.example")).toHaveLength(1);
  });
}

test("a world for one test", async ({ page, world, own }) => {
  expect(own.world.project_id).not.toBe(world.project_id);
  const { redirect_url } = await own.world.call("POST", "approve", ADA);
  expect(redirect_url).toContain(own.appURL);
  await page.goto(redirect_url);
  await expect(page.getByRole("heading")).toHaveText("Hello Ada Lovelace");
  expect((await world.call("GET", "calls")).calls).toEqual([]);
});

test("an error of the control API is shown", async ({ world }) => {
  await expect(world.call("POST", "clock", { advance: 1 })).rejects.toThrow("advance must be");
});

test("the browser SDK's fixed URLs", async ({ page, world }) => {
  await page.goto("/");
  const response = await page.evaluate(async (token) => {
    const headers = { Authorization: `Basic ${btoa(`${token}:${token}`)}`, "Content-Type": "application/json" };
    const url = `https://web.stytch.com/sdk/v1/projects/bootstrap/${token}`;
    return (await fetch(url, { headers, credentials: "include" })).json();
  }, world.public_token);
  expect(response.data.vertical).toBe("B2B");
});

// Without the fixture's context, which already has a route.
test("the line in the README", async ({ browser, appURL }) => {
  const readme = readFileSync(process.env.README!, "utf8");
  const lines = readme.split("\n").filter((line) => line.startsWith("await context.route("));
  expect(lines).toHaveLength(1);
  const context = await browser.newContext();
  await new Function("context", "SANDBOX_URL", `return (async () => { ${lines[0]} })()`)(context, SANDBOX_URL);
  const page = await context.newPage();
  await page.goto(appURL);
  await page.getByRole("link", { name: "Sign in", exact: true }).click();
  await page.getByRole("button", { name: /ada@acme\.example/ }).first().click();
  await expect(page.getByRole("heading")).toHaveText("Hello Ada Lovelace");
  await context.close();
});
