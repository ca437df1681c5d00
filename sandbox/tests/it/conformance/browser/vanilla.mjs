// The SDK without a user interface: `stytch` for the tests to call.
import { StytchB2BClient } from "@stytch/vanilla-js/b2b/headless";

const { publicToken, sandboxUrl } = window.settings;
window.stytch = new StytchB2BClient(publicToken, { endpoints: { testAPIURL: sandboxUrl } });
