// A new version of the app: fetched whole and checked by the service worker, used only between forms, and only when
// the worker says so. Each page keeps running the version it began with; addresses carry the version.

let waiting = null;
let tell = () => {};

const look = (registration) => {
  const ready = (worker) => {
    waiting = worker;
    tell();
  };
  if (registration.waiting && navigator.serviceWorker.controller) ready(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const coming = registration.installing;
    if (coming) coming.addEventListener("statechange", () => {
      if (coming.state === "installed" && navigator.serviceWorker.controller) ready(coming);
    });
  });
};

/** Put the app on the phone. `onReady` is called when a new version waits. */
export const begin = async (language, onReady) => {
  tell = onReady;
  if (!navigator.serviceWorker) return null;
  try {
    const registration = await navigator.serviceWorker.register("/phone/sw.js", { scope: "/phone/" });
    look(registration);
    const active = (await navigator.serviceWorker.ready).active;
    if (active) active.postMessage({ keep: language });
    return registration;
  } catch (fault) {
    return null; // no signal, or a browser that forbids it: the app works while it is open
  }
};

/** Ask the site whether there is a newer version. */
export const check = async () => {
  const registration = navigator.serviceWorker && (await navigator.serviceWorker.getRegistration("/phone/"));
  if (registration) await registration.update().catch(() => null);
};

/** Use the new version now: the page is loaded again as soon as it is in charge. */
export const use = () => {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  if (waiting) waiting.postMessage("use");
};

/** Whether the app is on the phone whole, so that it opens without signal. */
export const kept = () => Boolean(navigator.serviceWorker && navigator.serviceWorker.controller);
