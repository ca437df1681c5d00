// The signed-in page on Express: a session on the server (express-session), the session JWT checked locally by Stytch's SDK,
// an EJS template, an access log (morgan), and the security headers of the app's pages.
//
// Environment: PORT, STYTCH_BASE_URL, STYTCH_PROJECT_ID, STYTCH_SECRET, STYLES_URL and FAVICON_URL (paths of the app's
// files), NODE_PATH.
"use strict";

const { randomBytes, randomUUID } = require("node:crypto");
const ejs = require("ejs");
const express = require("express");
const morgan = require("morgan");
const session = require("express-session");
const stytch = require("stytch");
const words = require("./words.cjs");

const { PORT, STYTCH_BASE_URL, STYTCH_PROJECT_ID, STYTCH_SECRET, STYLES_URL, FAVICON_URL } = process.env;
const client = new stytch.B2BClient({
  project_id: STYTCH_PROJECT_ID,
  secret: STYTCH_SECRET,
  env: `${STYTCH_BASE_URL}/`,
});

const HEADERS = {
  "Cache-Control": "no-store",
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), publickey-credentials-get=(), usb=()",
  "Referrer-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

const app = express();
app.disable("x-powered-by");
app.disable("etag"); // no-store
app.engine("ejs", ejs.renderFile);
app.set("views", __dirname);
Object.assign(app.locals, words, {
  prefix: "",
  home: "/",
  sandbox: STYTCH_BASE_URL,
  stylesUrl: STYLES_URL,
  faviconUrl: FAVICON_URL,
});
app.use(morgan("combined"));
app.use((request, response, next) => {
  response.set(HEADERS);
  next();
});
// MemoryStore, because the app has its sessions in memory, too.
app.use(
  session({
    secret: randomUUID(),
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: "lax" },
  }),
);

// The callback of a sign-in.
app.get("/authenticate", async (request, response) => {
  const login = await client.oauth.authenticate({ oauth_token: request.query.token, session_duration_minutes: 60 });
  await new Promise((done, failed) => request.session.regenerate((error) => (error ? failed(error) : done())));
  request.session.session_jwt = login.session_jwt;
  request.session.member = login.member;
  request.session.organization = login.organization;
  request.session.member_session = login.member_session;
  response.redirect(303, `/org/${login.organization.organization_slug}`);
});

app.get("/org/:slug", async (request, response) => {
  const { session_jwt, member, organization, member_session } = request.session;
  if (!session_jwt) return response.sendStatus(401);
  // A local check while the JWT is valid, and a call to Stytch afterwards.
  const checked = await client.sessions.authenticateJwt({ session_jwt });
  if (checked.session_jwt !== session_jwt) request.session.session_jwt = checked.session_jwt;
  if (organization.organization_slug !== request.params.slug) return response.sendStatus(404);
  const domain = member.email_address.split("@").pop();
  const methods = member_session.authentication_factors.map((factor) => factor.delivery_method);
  response.render("page.ejs", {
    now: Date.now(),
    form_id: randomBytes(32).toString("base64url"),
    member,
    organization,
    member_session,
    providers: Object.entries(words.PROVIDERS).filter(([slug]) => methods.includes(`oauth_${slug}`)),
    domain,
    canBeOpened: canBeOpenedTo(domain, organization),
    jit_fault: "",
    shown: withoutTokens(member, organization, member_session),
  });
});

/** Whether the visitor could let more people with this domain join. */
function canBeOpenedTo(domain, { email_jit_provisioning: rule, email_allowed_domains: domains }) {
  return rule === "RESTRICTED" ? !domains.includes(domain) : rule === "NOT_ALLOWED";
}

/** What the page shows as JSON. */
function withoutTokens(member, organization, member_session) {
  const { member_id, email_address, name, status, roles } = member;
  const { organization_id, organization_name, organization_slug } = organization;
  const { authentication_factors: factors, expires_at, member_session_id, started_at } = member_session;
  return {
    member: { member_id, email_address, name, status, roles: roles.map((role) => role.role_id) },
    organization: { organization_id, organization_name, organization_slug },
    session: {
      authentication_factors: factors.map(({ type, delivery_method, last_authenticated_at }) => ({
        type,
        delivery_method,
        last_authenticated_at,
      })),
      expires_at,
      member_session_id,
      started_at,
    },
  };
}

app.listen(Number(PORT), "127.0.0.1");
