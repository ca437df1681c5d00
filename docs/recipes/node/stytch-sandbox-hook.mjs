// Redirects an app's calls from https://test.stytch.com to the sandbox. Use: node --import ./stytch-sandbox-hook.mjs app.js
import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";

const { STYTCH_BASE_URL: sandbox = "http://localhost:3100", STYTCH_PUBLIC_URL: forBrowsers = sandbox } = process.env;
const moved = (url, to = sandbox) => (/^https:\/\/test\.stytch\.com\//.test(url) ? to.replace(/\/$/, "") + String(url).slice(23) : url);
const [{ fetch }, { setHeader }] = [globalThis, http.ServerResponse.prototype];
globalThis.fetch = (to, init) => fetch(to instanceof Request && moved(to.url) !== to.url ? new Request(moved(to.url), to) : moved(to), init);
for (const [name, call] of Object.entries({ get: https.get, request: https.request })) https[name] = (to, ...rest) => (moved(to) === to ? call : http[name])(moved(to), ...rest);
http.ServerResponse.prototype.setHeader = function (name, value) { return setHeader.call(this, name, moved(value, forBrowsers)); };
syncBuiltinESMExports();
