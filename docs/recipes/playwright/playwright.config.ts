// Starts the sandbox for the tests, or uses the one that runs already.
import { defineConfig } from "@playwright/test";
import { SANDBOX_URL } from "./stytch-sandbox";

export default defineConfig({
  fullyParallel: true,
  // Without CHROMIUM_PATH, the browser that `npx playwright install chromium` fetched.
  use: { launchOptions: { executablePath: process.env.CHROMIUM_PATH } },
  webServer: {
    command: `stytch-sandbox --bind ${new URL(SANDBOX_URL).host}`,
    url: `${SANDBOX_URL}_sandbox/health`,
    reuseExistingServer: true,
    // With `info` it prints a line for each request, and why a token does not work.
    env: { RUST_LOG: process.env.RUST_LOG ?? "warn" },
  },
});
