// Starts the sandbox for the tests, or uses one that is already running.
import { defineConfig } from "@playwright/test";
import { SANDBOX_URL } from "./stytch-sandbox";

export default defineConfig({
  fullyParallel: true,
  // Without CHROMIUM_PATH, Playwright uses the browser that `npx playwright install chromium` downloaded.
  use: { launchOptions: { executablePath: process.env.CHROMIUM_PATH } },
  webServer: {
    command: `stytch-sandbox --bind ${new URL(SANDBOX_URL).host}`,
    url: `${SANDBOX_URL}_sandbox/health`,
    reuseExistingServer: true,
    // With `info`, it prints a line for each request, and the reason when a token is refused.
    env: { RUST_LOG: process.env.RUST_LOG ?? "warn" },
  },
});
