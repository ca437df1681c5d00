// The signed-in page on Express: a session on the server (express-session), the session JWT checked locally by Stytch's SDK,
// an EJS template, an access log (morgan), and the security headers of the app's pages.
//
// Environment: PORT, STYTCH_BASE_URL, STYTCH_PROJECT_ID, STYTCH_SECRET, PEERS (the folder of `page.ejs`), NODE_PATH.
"use strict";

const { randomBytes, randomUUID } = require("node:crypto");
const ejs = require("ejs");
const express = require("express");
const morgan = require("morgan");
const session = require("express-session");
const stytch = require("stytch");

const { PORT, PEERS, STYTCH_BASE_URL, STYTCH_PROJECT_ID, STYTCH_SECRET } = process.env;
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
app.set("views", PEERS);
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
  request.session.page = {
    member_name: login.member.name,
    email: login.member.email_address,
    member_id: login.member_id,
    organization_name: login.organization.organization_name,
    slug: login.organization.organization_slug,
    organization_id: login.organization_id,
    session_id: login.member_session.member_session_id,
  };
  response.redirect(303, `/org/${login.organization.organization_slug}`);
});

app.get("/org/:slug", async (request, response) => {
  const { session_jwt, page } = request.session;
  if (!session_jwt) return response.sendStatus(401);
  // A local check while the JWT is valid, and a call to Stytch afterwards.
  const checked = await client.sessions.authenticateJwt({ session_jwt });
  if (checked.session_jwt !== session_jwt) request.session.session_jwt = checked.session_jwt;
  if (page.slug !== request.params.slug) return response.sendStatus(404);
  response.render("page.ejs", { form_id: randomBytes(32).toString("base64url"), ...page });
});

app.listen(Number(PORT), "127.0.0.1");
