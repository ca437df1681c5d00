// An app that does not know about the sandbox: it uses Stytch's SDK without a base URL, and sends browsers to
// https://test.stytch.com. Its environment: PORT, STYTCH_PROJECT_ID, STYTCH_SECRET, STYTCH_PUBLIC_TOKEN.
import { createServer } from "node:http";
import stytch from "stytch";

const { PORT, STYTCH_PROJECT_ID, STYTCH_SECRET, STYTCH_PUBLIC_TOKEN } = process.env;
const client = new stytch.B2BClient({ project_id: STYTCH_PROJECT_ID, secret: STYTCH_SECRET });
const start = `https://test.stytch.com/v1/b2b/public/oauth/google/discovery/start?public_token=${STYTCH_PUBLIC_TOKEN}`;

/** Signs in to the first organization that the person is a member of. */
async function finishSignIn(token) {
  const found = await client.oauth.discovery.authenticate({ discovery_oauth_token: token });
  const { organization } = found.discovered_organizations[0];
  return client.discovery.intermediateSessions.exchange({
    intermediate_session_token: found.intermediate_session_token,
    organization_id: organization.organization_id,
  });
}

async function page(url, cookie) {
  if (url.pathname === "/login") return { status: 302, headers: { Location: start } };
  if (url.pathname === "/discovery") {
    const { session_jwt } = await finishSignIn(url.searchParams.get("token"));
    return { status: 302, headers: { Location: "/", "Set-Cookie": `session=${session_jwt}; HttpOnly; Path=/` } };
  }
  const session_jwt = cookie?.match(/session=([^;]+)/)?.[1];
  if (!session_jwt) return { status: 200, html: `<h1>Welcome</h1><a href="${start}">Sign in</a> <a href="/login">Sign in by redirect</a>` };
  // Checked against the JWKS without a call, and then by Stytch.
  const { member_session } = await client.sessions.authenticateJwtLocal({ session_jwt }).then((it) => ({ member_session: it.member_session ?? it }));
  const { member } = await client.sessions.authenticate({ session_jwt });
  return { status: 200, html: `<h1>Hello ${member.name}</h1><p>${member_session.organization_id}</p>` };
}

createServer(async (request, response) => {
  const answer = await page(new URL(request.url, "http://app"), request.headers.cookie).catch((error) => ({
    status: 500,
    html: `<pre>${error.stack}</pre>`,
  }));
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  response.setHeader("Content-Type", "text/html");
  response.end(answer.html);
}).listen(PORT, "localhost");
