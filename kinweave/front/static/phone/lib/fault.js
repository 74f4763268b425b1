// Typed errors: `code` is for programs, the app's word list turns it into a sentence. Never a name or an answer.

export function fault(code, facts) {
  return Object.assign(new Error(code), { name: "Fault", code }, facts);
}

/** What a browser says about a full disk, in one shape; any other error as it came. */
export function asFault(error) {
  const full = error && (error.name === "QuotaExceededError" || /quota|disk/i.test(error.message || ""));
  return full ? fault("storage-full") : error || fault("storage-failed");
}
