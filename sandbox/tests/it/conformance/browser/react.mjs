// The vendor's prebuilt user interface, and who is signed in once it is done. `/org/{slug}`, and a callback with `slug`,
// sign in to that organization; any other page starts discovery.
import {
  AuthFlowType,
  B2BProducts,
  StytchB2B,
  StytchB2BProvider,
  StytchEventType,
  createStytchB2BClient,
  useStytchB2BClient,
  useStytchMember,
  useStytchOrganization,
} from "@stytch/react/b2b";
import { createElement, useState } from "react";
import { createRoot } from "react-dom/client";

const { publicToken, sandboxUrl } = window.settings;
const stytch = createStytchB2BClient(publicToken, { endpoints: { testAPIURL: sandboxUrl } });

const path = window.location.pathname.split("/");
const slug = path[1] === "org" ? path[2] : new URLSearchParams(window.location.search).get("slug");
const callback = `${window.location.origin}/authenticate`;
const config = {
  authFlowType: slug ? AuthFlowType.Organization : AuthFlowType.Discovery,
  ...(slug && { organizationSlug: slug }),
  products: [B2BProducts.oauth, B2BProducts.sso, B2BProducts.emailMagicLinks, B2BProducts.emailOtp],
  sessionOptions: { sessionDurationMinutes: 60 },
  oauthOptions: {
    loginRedirectURL: callback,
    signupRedirectURL: callback,
    discoveryRedirectURL: callback,
    providers: [{ type: "google" }, { type: "microsoft" }],
  },
  emailMagicLinksOptions: {
    loginRedirectURL: callback,
    signupRedirectURL: callback,
    discoveryRedirectURL: callback,
  },
  ssoOptions: { loginRedirectURL: callback, signupRedirectURL: callback },
};

function Page() {
  const client = useStytchB2BClient();
  const { member, isInitialized } = useStytchMember();
  const { organization } = useStytchOrganization();
  // The interface goes on after the sign-in, for example with backup codes, and says when it is done.
  const [isSigningIn, setSigningIn] = useState(false);
  if (!isInitialized) return null;
  if (!member || !organization || isSigningIn) {
    const onEvent = ({ type }) => setSigningIn(type !== StytchEventType.AuthenticateFlowComplete);
    return createElement(StytchB2B, { config, callbacks: { onEvent } });
  }
  return createElement(
    "main",
    null,
    createElement("h1", null, `${member.email_address} is signed in to ${organization.organization_name}`),
    createElement("button", { onClick: () => client.session.revoke() }, "Sign out"),
  );
}

createRoot(document.getElementById("app")).render(
  createElement(StytchB2BProvider, { stytch }, createElement(Page)),
);
