// The service worker of the phone: it keeps the app itself, whole and in one version, and nothing else. What the site
// answers (/phone/api/) never passes through here. The version and its lists are written in by the server.

const VERSION = "__VERSION__";
const SHELL = "/phone/";
const CORE = __CORE__; // [[address, sha256 in hex], …]
const PACKS = __PACKS__; // language: the same, with its words and fonts
const NAME = `kinweave-${VERSION}`;
const OURS = /^\/phone\/(v\/|$)/;
const SPOKEN = /^\/phone\/audio\//; // recordings of questions: the same for everybody, under an address that never changes
const SOUNDS = "spoken"; // they outlive a version

const hex = (buffer) => Array.from(new Uint8Array(buffer), (one) => one.toString(16).padStart(2, "0")).join("");

// Each file must be the one that this version's list names. What the page has loaded already is not paid for twice:
// the browser's own cache is asked first, and passed over when what it holds is not that file.
const body = async (address, cache) => {
  const answer = await fetch(address, { cache, credentials: "omit", redirect: "error" });
  if (!answer.ok) throw new Error("not there");
  return [answer, await answer.arrayBuffer()];
};

const right = async (bytes, sum) => hex(await crypto.subtle.digest("SHA-256", bytes)) === sum;

const fetched = async ([address, sum]) => {
  let [answer, bytes] = await body(address, address === SHELL ? "reload" : "default");
  if (!(await right(bytes, sum))) [answer, bytes] = await body(address, "reload");
  if (!(await right(bytes, sum))) throw new Error("another version");
  return [address, new Response(bytes, { headers: { "Content-Type": answer.headers.get("Content-Type") || "", "Content-Security-Policy": answer.headers.get("Content-Security-Policy") || "" } })];
};

const keep = async (list) => {
  const cache = await caches.open(NAME);
  const missing = [];
  for (const entry of list) if (!(await cache.match(entry[0]))) missing.push(entry);
  const all = await Promise.all(missing.map(fetched));
  for (const [address, answer] of all) await cache.put(address, answer);
};

const ours = async () => (await caches.keys()).filter((name) => name.startsWith("kinweave-"));

// Which languages were in use here: those whose whole pack, fonts too, an earlier version holds.
const below = (address) => new URL(address, self.location.origin).pathname.replace(/^\/phone\/v\/[^/]+\//, "");

const languages = async () => {
  const held = new Set();
  for (const name of await ours()) for (const request of await (await caches.open(name)).keys()) held.add(below(request.url));
  return Object.keys(PACKS).filter((one) => PACKS[one].every(([address]) => held.has(below(address))));
};

// A person may speak another language than the worker: the words of all of them come after the rest, without fonts.
const ALL_WORDS = Object.keys(PACKS).reduce((all, one) => all.concat(PACKS[one].filter(([address]) => /\/words\//.test(address))), []);

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const packs = [...(await languages())].map((one) => PACKS[one]);
    await keep(CORE.concat(...packs));
  })());
});

// The version before stays too: a page that began with it may still be open in the middle of a form.
self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const all = await ours();
    const before = all.filter((name) => name !== NAME);
    await Promise.all(before.slice(0, -1).map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener("message", (event) => {
  if (event.data === "use") self.skipWaiting();
  else if (event.data && PACKS[event.data.keep]) {
    event.waitUntil(keep(PACKS[event.data.keep]).then(() => keep(ALL_WORDS)).catch(() => null));
  }
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (OURS.test(url.pathname)) event.respondWith(answer(event.request, url));
  else if (SPOKEN.test(url.pathname)) event.respondWith(sound(url.href));
});

const answer = async (request, url) => {
  const mine = await caches.open(NAME);
  const address = url.pathname === SHELL ? SHELL : url.pathname;
  const found = (await mine.match(address)) || (address === SHELL ? undefined : await caches.match(address));
  return found || fetch(request);
};

// A recording is kept once it was heard or asked for. The whole of it: a part would not play without signal.
const sound = async (address) => {
  const cache = await caches.open(SOUNDS);
  const found = await cache.match(address);
  if (found) return found;
  const fresh = await fetch(address, { credentials: "omit" });
  if (fresh.status === 200) await cache.put(address, fresh.clone());
  return fresh;
};
