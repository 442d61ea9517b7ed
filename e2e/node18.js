// Node 18, which Debian 12 has, keeps Web Cryptography out of the global scope, where jose and openid-client look for it.

import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;
