// Signing in to another program by OpenID Connect, with openid-client as the relying party (A7): discovery, code flow with PKCE, the
// id_token's signature, issuer, audience and nonce.

import assert from "node:assert/strict";
import { test } from "node:test";
import "../node18.js";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import * as openid from "openid-client";
import { serveApp } from "../app.js";
import { open } from "../house.js";
import { administrator, newcomer, press } from "../people.js";

const house = await open();
const app = await serveApp();
await administrator(house);
const asha = await newcomer(house, { name: "Asha Rao", email: "asha@example.org" });
const subjects = [];

/** A relying party of its own. */
async function party(name) {
  const client = await house.app({
    client_name: name, redirect_uris: [app.home], token_endpoint_auth_method: "none", scope: "openid offline_access",
    grant_types: ["authorization_code", "refresh_token"],
  });
  const options = { execute: [openid.allowInsecureRequests] };
  return openid.discovery(new URL(house.origin), client.client_id, undefined, openid.None(), options);
}

/** Goes the person's way; the address that the answer came to, and what the relying party must keep meanwhile. */
async function answered(config) {
  const kept = {
    pkceCodeVerifier: openid.randomPKCECodeVerifier(), expectedState: openid.randomState(), expectedNonce: openid.randomNonce(),
    idTokenExpected: true,
  };
  const to = openid.buildAuthorizationUrl(config, {
    redirect_uri: app.home, scope: "openid offline_access", aud: house.base, state: kept.expectedState, nonce: kept.expectedNonce,
    code_challenge: await openid.calculatePKCECodeChallenge(kept.pkceCodeVerifier), code_challenge_method: "S256",
  });
  await asha.page.goto(to.href);
  await asha.page.waitForURL("**/patient/consent/*");
  await press(asha.page, "Allow");
  await asha.page.waitForURL(`${app.home}?*`);
  return { back: new URL(asha.page.url()), kept };
}

test("A7 the id_token verifies against the published keys, for this client and this nonce", async () => {
  const config = await party("Ward rota");
  const { back, kept } = await answered(config);
  const tokens = await openid.authorizationCodeGrant(config, back, kept);
  const claims = tokens.claims();
  assert.deepEqual([claims.iss, claims.aud, claims.nonce], [house.origin, config.clientMetadata().client_id, kept.expectedNonce]);
  const published = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
  const { payload } = await jwtVerify(tokens.id_token, published, { issuer: house.origin, audience: claims.aud, algorithms: ["ES384"] });
  assert.equal(payload.sub, claims.sub);
  assert.equal(decodeProtectedHeader(tokens.id_token).alg, "ES384");
  const again = await openid.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal(again.claims().sub, claims.sub);
  await assert.rejects(openid.refreshTokenGrant(config, tokens.refresh_token), { error: "invalid_grant" });
  await assert.rejects(openid.refreshTokenGrant(config, again.refresh_token), { error: "invalid_grant" }, "a replay ends the family");
  subjects.push(claims.sub);
});

test("A7 another program knows the same person by another subject", async () => {
  const config = await party("Lunch list");
  const { back, kept } = await answered(config);
  const { sub } = (await openid.authorizationCodeGrant(config, back, kept)).claims();
  assert.notEqual(sub, subjects[0]);
});

test("A7 a relying party refuses an answer with another state, nonce or issuer, and the server another verifier", async () => {
  const config = await party("Bed board");
  const { back, kept } = await answered(config);
  const grant = (changed, at = back) => openid.authorizationCodeGrant(config, at, { ...kept, ...changed });
  await assert.rejects(grant({ expectedState: "another" }));
  const elsewhere = new URL(back);
  elsewhere.searchParams.set("iss", "https://elsewhere.example");
  await assert.rejects(grant({}, elsewhere));
  await assert.rejects(grant({ pkceCodeVerifier: openid.randomPKCECodeVerifier() }), { error: "invalid_grant" });
  const good = await answered(config);
  await assert.rejects(openid.authorizationCodeGrant(config, good.back, { ...good.kept, expectedNonce: "another" }));
});
