// Passkeys. A form says what it wants (data-passkey: login, use or make) and where the options are:
// data-options (an address) or data-from (the id of a JSON element). The answer goes into its hidden field.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

function opened(options) {
  const key = structuredClone(options.publicKey);
  key.challenge = bytes(key.challenge);
  if (key.user) key.user.id = bytes(key.user.id);
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    for (const one of key[list] || []) one.id = bytes(one.id);
  }
  return key;
}

function closed(credential) {
  const response = { clientDataJSON: text(credential.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    type: credential.type,
    id: credential.id,
    rawId: text(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function optionsOf(form) {
  if (form.dataset.from) return JSON.parse(document.getElementById(form.dataset.from).textContent);
  const answer = await fetch(form.dataset.options, { headers: { "X-Requested-With": "XMLHttpRequest" } });
  if (!answer.ok) throw new Error("no options");
  return answer.json();
}

async function make(form) {
  const key = opened((await optionsOf(form)).creation_options);
  const alone = form.elements.passwordless?.checked;
  key.authenticatorSelection = {
    ...key.authenticatorSelection,
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: Boolean(alone),
    ...(alone ? { userVerification: "required" } : {}),
  };
  return navigator.credentials.create({ publicKey: key });
}

async function use(form) {
  return navigator.credentials.get({ publicKey: opened((await optionsOf(form)).request_options) });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const says = form.querySelector("[data-passkey-says]");
  if (!window.PublicKeyCredential) {
    if (says) says.textContent = says.dataset.no;
    continue;
  }
  form.hidden = false;
  form.querySelector("[data-passkey-go]").addEventListener("click", async () => {
    says.textContent = "";
    try {
      const credential = await (form.dataset.passkey === "make" ? make(form) : use(form));
      form.elements.credential.value = JSON.stringify(closed(credential));
      form.requestSubmit ? form.requestSubmit() : form.submit();
    } catch {
      says.textContent = says.dataset.no;
    }
  });
}
