// Verifies the deliveries of the sandbox's webhooks with Svix's library.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { once } from "node:events";
import { stytch, URL_OF_SANDBOX, world } from "./support.mjs";

const { Webhook } = createRequire(`${process.env.SDK_FOLDER}/`)("svix");

const own = await world();
const client = new stytch.B2BClient({ project_id: own.project_id, secret: own.secret, env: `${URL_OF_SANDBOX}/` });

const server = createServer().listen(0, "127.0.0.1");
await once(server, "listening");

const registered = await fetch(`${URL_OF_SANDBOX}/_sandbox/projects/${own.project_id}/webhooks`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ url: `http://localhost:${server.address().port}/hooks` }),
});
assert.equal(registered.status, 201);
const { secret } = await registered.json();

/** Headers and raw body of the next delivery. */
async function delivery() {
  const [request, response] = await once(server, "request", { signal: AbortSignal.timeout(10_000) });
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  response.end();
  return { headers: request.headers, body: Buffer.concat(pieces).toString() };
}

const arriving = delivery();
const { member } = await client.organizations.members.create({ organization_id: "acme", email_address: "zoë@acme.example", name: "Zoë" });
const { headers, body } = await arriving;

const verifier = new Webhook(secret);
const event = verifier.verify(body, headers);
assert.equal(event.action, "CREATE");
assert.deepEqual(event.member, member);
assert.throws(() => verifier.verify(body.replace("CREATE", "UPDATE"), headers), /No matching signature/);
assert.throws(() => verifier.verify(body, { ...headers, "svix-id": "msg_other" }), /No matching signature/);
assert.throws(() => new Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").verify(body, headers), /No matching signature/);
console.log("verified by Svix's library; a changed body, another id and another secret are refused");

server.close();
console.log("WEBHOOK CHECKS DONE");
