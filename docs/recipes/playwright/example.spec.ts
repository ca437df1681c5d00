// Example tests that use the fixtures. The app has a link "Sign in" on its start page, and greets the member after the sign-in.
import { expect, test } from "./stytch-sandbox";

test("Ada signs in with Google", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Sign in", exact: true }).click();
  await page.getByRole("button", { name: /ada@acme\.example/ }).first().click();
  await expect(page.getByRole("heading")).toHaveText("Hello Ada Lovelace");
});

test("Ada is signed in without the consent page", async ({ page, world }) => {
  const approval = { flow: "discovery_oauth", provider: "google", email: "ada@acme.example" };
  const { redirect_url } = await world.call("POST", "approve", approval);
  await page.goto(redirect_url);
  await expect(page.getByRole("heading")).toHaveText("Hello Ada Lovelace");
});

test("the session ends after a day", async ({ page, world }) => {
  const approval = { flow: "discovery_oauth", provider: "google", email: "ada@acme.example" };
  const { redirect_url } = await world.call("POST", "approve", approval);
  await page.goto(redirect_url);
  await world.call("POST", "clock", { advance_seconds: 24 * 60 * 60 });
  await page.reload();
  await expect(page.getByText("session_not_found")).toBeVisible();
});

test("Stytch is unavailable once", async ({ page, world }) => {
  await world.call("POST", "faults", { method: "POST", path: "/v1/b2b/oauth/discovery/authenticate", kind: "status", status: 503 });
  const approval = { flow: "discovery_oauth", provider: "google", email: "ada@acme.example" };
  const { redirect_url } = await world.call("POST", "approve", approval);
  await page.goto(redirect_url);
  await expect(page.getByText("Stytch")).toBeVisible();
  const { calls } = await world.call("GET", "calls");
  expect(calls).toContainEqual(expect.objectContaining({ path: "/v1/b2b/oauth/discovery/authenticate", status: 503 }));
});
