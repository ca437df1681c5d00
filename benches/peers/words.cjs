// What `page.ejs` calls: names that can't change the text around them, times in words, and labels.
"use strict";

const { escapeXML } = require("ejs");

const PROVIDERS = { google: "Google", microsoft: "Microsoft", github: "GitHub", slack: "Slack", hubspot: "HubSpot" };
const ROLES = { stytch_admin: "Administrator", stytch_member: "Member" };
const FACTORS = { "email magic_link": "Email link", "email email_otp": "Email code", "email otp": "Email code" };
const DELIVERY_METHODS = {
  authenticator_app: "Authenticator app",
  knowledge: "Password",
  recovery_code: "Recovery code",
  recovery_codes: "Recovery code",
  sms: "SMS code",
  sso_oidc: "SSO (OIDC)",
  sso_saml: "SSO (SAML)",
};
const SECOND = 1000;
const MINUTE = 60 * SECOND;

// Control characters, and those that override, embed or isolate a direction.
const DISRUPTIVE = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;
const PRINTABLE = /^[ -~]*$/;

/** A name within plain text. */
const isolated = (name) => `\u2068${name.replace(DISRUPTIVE, "")}\u2069`;

/** A name within HTML. */
const bdi = (name) => `<bdi>${escapeXML(name.replace(DISRUPTIVE, ""))}</bdi>`;

/** Indented JSON within HTML. */
function bdiJson(value) {
  const lines = JSON.stringify(value, null, 2).split("\n");
  return lines.map((line) => (PRINTABLE.test(line) ? escapeXML(line) : bdi(line))).join("\n");
}

function initial(name) {
  const [letter = ""] = name.match(/[\p{L}\p{N}]/u) ?? name.match(/./u) ?? [];
  return letter.toUpperCase();
}

const hue = (name) => Buffer.from(name).reduce((sum, byte) => ((sum * 31) % 1009) + byte, 7) % 6;

const role = (role) => ROLES[role] ?? role;

function factorWords({ delivery_method: method, type }) {
  const provider = method.startsWith("oauth_") && PROVIDERS[method.slice("oauth_".length)];
  return provider || FACTORS[`${method} ${type}`] || DELIVERY_METHODS[method] || method.replaceAll("_", " ");
}

function timeLeft(at, now) {
  const left = Date.parse(at) - now;
  // The page is rendered a moment after Stytch's response, but should still say 10 minutes.
  if (left + 5 * SECOND < MINUTE) {
    const seconds = Math.max(Math.floor(left / SECOND), 0);
    return seconds === 1 ? "1 second" : `${seconds} seconds`;
  }
  return span(left + 5 * SECOND);
}

function timeAgo(at, now) {
  const ago = now - Date.parse(at);
  return ago < MINUTE ? "less than a minute ago" : `${span(ago)} ago`;
}

function span(duration) {
  const minutes = Math.floor(duration / MINUTE);
  if (minutes === 1) return "1 minute";
  return minutes < 120 ? `${minutes} minutes` : `${Math.floor(minutes / 60)} hours`;
}

module.exports = { PROVIDERS, bdi, bdiJson, factorWords, hue, initial, isolated, role, timeAgo, timeLeft };
