// A system with a key of its own, by openid-client as it comes (L5): SMART backend services,
// https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html

import assert from "node:assert/strict";
import { createHash, createPublicKey } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, test } from "node:test";
import "../node18.js";
import { createVerifier, httpbis } from "http-message-signatures";
import { exportJWK, generateKeyPair } from "jose";
import * as oauth from "openid-client";
import { open } from "../house.js";
import { chart } from "../people.js";

const house = await open();
const ISSUER = new URL(house.origin);
const INSECURE = { execute: [oauth.allowInsecureRequests] };
/** How the client says that the server does not take it for anybody. */
const NOBODY = { name: "WWWAuthenticateChallengeError", status: 401 };
let config, keys;

/** Registers a system with a new key of its own. */
async function system(scope, { algorithm = "ES384", approved = true } = {}) {
  const pair = await generateKeyPair(algorithm);
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: "k1", alg: algorithm };
  const client = await house.register({
    client_name: "Night export", grant_types: ["client_credentials"], token_endpoint_auth_method: "private_key_jwt",
    scope, jwks: { keys: [jwk] },
  });
  if (approved) await house.command("client", "approve", client.client_id);
  return { id: client.client_id, key: { key: pair.privateKey, kid: "k1" } };
}

const configured = ({ id, key }) => oauth.discovery(ISSUER, id, undefined, oauth.PrivateKeyJwt(key), INSECURE);
const ask = (config, scope) => oauth.clientCredentialsGrant(config, { scope });

test("L5 a system gets a token with its key, and reads what was granted", async () => {
  await chart(house, "a");
  keys = await system("system/Patient.rs system/Observation.rs");
  config = await configured(keys);
  const tokens = await ask(config, "system/*.rs");
  assert.deepEqual(tokens.scope.split(" ").sort(), ["system/Observation.rs", "system/Patient.rs"]);
  assert.ok(tokens.expires_in <= 300);
  assert.equal(tokens.refresh_token, undefined);
  const patients = await (await house.fhir(tokens.access_token, "Patient?family=rao")).json();
  assert.equal(patients.entry[0].resource.id, "a");
  assert.equal((await house.fhir(tokens.access_token, "Encounter/e-a")).status, 403);
});

test("L5 an assertion for the token endpoint, as SMART says, is taken too, and an RSA key", async () => {
  const rsa = await system("system/Patient.rs", { algorithm: "RS384" });
  const method = oauth.PrivateKeyJwt(rsa.key, {
    [oauth.modifyAssertion]: (_, claims) => { claims.aud = `${house.origin}/oauth/token`; },
  });
  const config = await oauth.discovery(ISSUER, rsa.id, undefined, method, INSECURE);
  assert.equal((await ask(config, "system/Patient.rs")).scope, "system/Patient.rs");
});

test("L5 introspection says what a token is good for, and revocation makes it worthless", async () => {
  const { access_token: token } = await ask(config, "system/Patient.rs");
  const said = await oauth.tokenIntrospection(config, token);
  assert.deepEqual([said.active, said.scope, said.client_id], [true, "system/Patient.rs", keys.id]);
  await oauth.tokenRevocation(config, token);
  assert.equal((await oauth.tokenIntrospection(config, token)).active, false);
  assert.equal((await house.fhir(token, "Patient/a")).status, 401);
});

test("a system that nobody approved, or with another key, gets nothing", async () => {
  const waiting = await configured(await system("system/Patient.rs", { approved: false }));
  await assert.rejects(ask(waiting, "system/Patient.rs"), NOBODY);
  const { privateKey } = await generateKeyPair("ES384");
  const thief = await configured({ id: keys.id, key: { key: privateKey, kid: "k1" } });
  await assert.rejects(ask(thief, "system/Patient.rs"), NOBODY);
  const es256 = await generateKeyPair("ES256");
  const swapped = await configured({ id: keys.id, key: { key: es256.privateKey, kid: "k1" } });
  await assert.rejects(ask(swapped, "system/Patient.rs"), NOBODY);
});

test("a scope that was not registered is not granted, and a revoked system is out at its next request", async () => {
  await assert.rejects(ask(config, "system/Encounter.rs"), { error: "invalid_scope" });
  const { access_token: token } = await ask(config, "system/Patient.rs");
  assert.equal((await house.fhir(token, "Patient/a")).status, 200);
  await house.command("client", "revoke", keys.id);
  assert.equal((await house.fhir(token, "Patient/a")).status, 401);
  await assert.rejects(ask(config, "system/Patient.rs"), NOBODY);
});

test("L5 webhook signatures verify: notices of changes by an implementation of RFC 9421 that is not ours", async () => {
  const got = [];
  const other = createServer((request, response) => {
    const body = [];
    request.on("data", (part) => body.push(part));
    request.on("end", () => {
      got.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(body) });
      response.end();
    });
  }).listen(0, "127.0.0.1");
  after(() => other.close());
  await once(other, "listening");
  const endpoint = `http://127.0.0.1:${other.address().port}/notices`;
  const config = await configured(await system("system/Observation.rs system/Subscription.cruds"));
  const { access_token: token } = await ask(config, "system/Observation.rs system/Subscription.cruds");
  const store = (subscription) =>
    fetch(`${house.base}/Subscription`, {
      method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/fhir+json" },
      body: JSON.stringify(subscription),
    });
  const order = {
    resourceType: "Subscription", status: "requested", reason: "new results", criteria: "Observation?code=8867-4",
    channel: { type: "rest-hook", endpoint, payload: "application/fhir+json" },
  };
  const cloud = await store({ ...order, channel: { ...order.channel, endpoint: "https://169.254.169.254/latest" } });
  assert.equal(cloud.status, 422, "N13");
  assert.equal((await store(order)).status, 201);
  const next = async (many) => {
    for (const end = Date.now() + 15_000; got.length < many && Date.now() < end; ) await new Promise((go) => setTimeout(go, 50));
    assert.equal(got.length, many);
    return got[many - 1];
  };
  await next(1);
  const code = { coding: [{ system: "http://loinc.org", code: "8867-4" }] };
  await house.put({ resourceType: "Observation", id: "noticed", status: "final", code, subject: { reference: "Patient/a" } });
  const notice = await next(2);
  const { keys } = await (await fetch(`${house.origin}/oauth/jwks`)).json();
  const keyLookup = async ({ keyid }) => {
    const key = createPublicKey({ key: keys.find(({ kid }) => kid === keyid), format: "jwk" });
    return { id: keyid, algs: ["ecdsa-p384-sha384"], verify: createVerifier(key, "ecdsa-p384-sha384") };
  };
  const signed = (changed) => httpbis.verifyMessage({ keyLookup }, { ...notice, url: endpoint, ...changed });
  assert.equal(await signed({}), true);
  assert.notEqual(await signed({ url: "http://127.0.0.1:1/elsewhere" }).catch(() => false), true);
  assert.equal(notice.headers["content-digest"], `sha-256=:${createHash("sha256").update(notice.body).digest("base64")}:`);
  const bundle = JSON.parse(notice.body);
  assert.match(JSON.stringify(bundle), new RegExp(`${house.base}/Observation/noticed`));
});
