// Passkeys: asks the browser for one, and sends what it says as an ordinary form. Where this does not run, its forms stay hidden, and
// pages work by codes.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const known = (list) => list.map((key) => ({ ...key, id: bytes(key.id) }));

async function options(form) {
  const body = new URLSearchParams({ token: form.elements.token?.value ?? "" });
  const answer = await fetch(form.dataset.options, { method: "POST", body });
  if (!answer.ok || answer.redirected) return null;
  const asked = await answer.json();
  return { ...asked, challenge: bytes(asked.challenge) };
}

async function make(asked) {
  const user = { ...asked.user, id: bytes(asked.user.id) };
  const excludeCredentials = known(asked.excludeCredentials);
  const made = await navigator.credentials.create({ publicKey: { ...asked, user, excludeCredentials } });
  return { client_data: text(made.response.clientDataJSON), attestation: text(made.response.attestationObject) };
}

async function use(asked) {
  const used = await navigator.credentials.get({ publicKey: { ...asked, allowCredentials: known(asked.allowCredentials) } });
  const { clientDataJSON, authenticatorData, signature, userHandle } = used.response;
  return {
    id: text(used.rawId),
    client_data: text(clientDataJSON),
    authenticator_data: text(authenticatorData),
    signature: text(signature),
    user_handle: userHandle ? text(userHandle) : "",
  };
}

async function answer(form) {
  const failed = form.querySelector("[data-failed]");
  failed.hidden = true;
  try {
    const asked = await options(form);
    // The page that answers instead says what to do: prove it again, sign in, wait.
    if (!asked) return form.dataset.otherwise ? location.assign(form.dataset.otherwise) : (failed.hidden = false);
    const said = await (form.dataset.passkey === "make" ? make(asked) : use(asked));
    for (const [name, value] of Object.entries(said)) {
      const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      form.append(field);
    }
    form.submit();
  } catch {
    failed.hidden = false;
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer(form);
    });
    form.hidden = false;
  }
}
