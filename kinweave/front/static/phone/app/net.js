// Asking the site, and its faults as one shape: {code, says, remedy}. Nothing here is kept or cached.

import { t } from "./words.js";

export class Trouble extends Error {
  constructor(code, says, remedy, status) {
    super(code);
    Object.assign(this, { code, says, remedy, status });
  }
}

/** A fault in words, whatever it was: the site's own, a lib's code, or something nobody foresaw. */
export const inWords = (fault) => {
  if (fault instanceof Trouble) return fault;
  const code = (fault && (fault.code && typeof fault.code === "string" ? fault.code : fault.name)) || "trouble";
  const says = t(`fault.${code}`);
  if (says !== `fault.${code}`) return new Trouble(code, says, t(`fault.${code}.remedy`));
  if (fault && fault.says) return new Trouble(code, fault.says, fault.remedy || "");
  return new Trouble(code, t("fault.trouble"), t("fault.trouble.remedy"));
};

const cookie = (name) => (document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`)) || [])[1] || "";

/** POST JSON as whoever is signed in here. Raises Trouble. */
export const post = async (address, body) => {
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") },
      body: JSON.stringify(body),
    });
  } catch (fault) {
    throw inWords({ code: "no-signal" });
  }
  const told = await answer.json().catch(() => null);
  if (answer.ok && told) return told;
  const problem = (told && told.problem) || {};
  if (answer.status === 401 || answer.status === 403) {
    throw new Trouble(problem.code || "sign-in-first", problem.says || t("fault.sign-in-first"), problem.remedy || t("fault.sign-in-first.remedy"), answer.status);
  }
  if (problem.says) throw new Trouble(problem.code, problem.says, problem.remedy, answer.status);
  throw inWords({ code: "site-trouble" });
};

/** End the sign-in of this page at the site. Without signal it ends by itself some hours later. */
export const signOut = () =>
  fetch("/sign-out/", {
    method: "POST", credentials: "same-origin", redirect: "manual", headers: { "X-CSRFToken": cookie("csrftoken") },
  }).catch(() => null);
