// The Node SDK's local check of a session JWT, and how it follows a rotation of the keys.

import assert from "node:assert/strict";
import { otherStep, stytch, URL_OF_SANDBOX, world } from "./support.mjs";

const own = await world();
const sdk = () =>
  new stytch.B2BClient({ project_id: own.project_id, secret: own.secret, env: `${URL_OF_SANDBOX}/` });

/** A fresh session of Ada's in Acme. */
async function session(client) {
  const step = { start: "b2b/public/oauth/google/start", person: "ada@acme.example" };
  const { answer, outcome } = await otherStep(own, step, { slug: "acme" });
  assert.equal(outcome, null);
  return client.oauth.authenticate({ oauth_token: answer.token, session_custom_claims: { team: "blue" }, session_duration_minutes: 60 });
}

const kid = (jwt) => JSON.parse(Buffer.from(jwt.split(".")[0], "base64url")).kid;

function tampered(jwt) {
  const [header, claims, signature] = jwt.split(".");
  return [header, claims, (signature[0] === "A" ? "B" : "A") + signature.slice(1)].join(".");
}

const local = (client, session_jwt, more = {}) => client.sessions.authenticateJwtLocal({ session_jwt, ...more });

const client = sdk();
const login = await session(client);
const verified = await local(client, login.session_jwt);
assert.equal(verified.member_session_id, login.member_session.member_session_id);
assert.deepEqual([verified.member_id, verified.organization_slug], [login.member_id, "acme"]);
assert.equal(verified.custom_claims.team, "blue");
assert.ok(verified.roles.includes("stytch_admin"));
assert.ok(verified.authentication_factors[0].google_oauth_factor);
console.log("verified locally: session, member, organization, roles, claims and factors are those of the login");

await assert.rejects(local(client, tampered(login.session_jwt)), { code: "jwt_invalid" });
await assert.rejects(local(client, login.session_jwt, { max_token_age_seconds: 0 }), { code: "jwt_too_old" });
console.log("refused locally: a signature that was changed, a JWT that is too old");

const remote = await client.sessions.authenticateJwt({ session_jwt: login.session_jwt, max_token_age_seconds: 0 });
assert.equal(remote.member_session.member_session_id, verified.member_session_id);
console.log("asked the sandbox where the local check did not do");

const project_id = "project-test-00000000-0000-4000-8000-000000000000";
const other = new stytch.B2BClient({ project_id, secret: "secret-test-x", env: `${URL_OF_SANDBOX}/` });
await assert.rejects(local(other, login.session_jwt), { code: "jwt_invalid" });
console.log("refused by another project");

const permission = { organization_id: login.organization_id, resource_id: "stytch.member", action: "create" };
await local(client, login.session_jwt, { authorization_check: permission });
for (const wrong of [{ resource_id: "documents" }, { organization_id: "organization-test-elsewhere" }]) {
  const authorization_check = { ...permission, ...wrong };
  await assert.rejects(local(client, login.session_jwt, { authorization_check }), stytch.ClientError);
  console.log(`permission refused locally: ${Object.keys(wrong)}`);
}

const { outcome } = await otherStep(own, { control: "POST keys/rotate" }, {});
assert.equal(outcome, null);
const fresh = await session(client);
assert.notEqual(kid(fresh.session_jwt), kid(login.session_jwt));
const { keys } = await client.sessions.getJWKS({ project_id: own.project_id });
const known = keys.map((key) => key.kid);
for (const { session_jwt } of [login, fresh]) {
  assert.ok(known.includes(kid(session_jwt)), `${kid(session_jwt)} is not among ${known}`);
  await local(sdk(), session_jwt);
}
// jose asks for the keys again at most every 30 seconds, so the client that knew the old set may have to ask the
// sandbox; the SDK does that by itself.
const { member_session } = await client.sessions.authenticateJwt({ session_jwt: fresh.session_jwt });
assert.equal(member_session.member_session_id, fresh.member_session.member_session_id);
console.log("keys rotated: JWTs of the old and the new key verify, in a client that knew the old one too");
console.log("JWT CHECKS DONE");
process.exit(); // jose leaves the connection of a refused JWKS open, and Node would wait for its end
