// Keeps the shell (style, icon, the viewer's built files, one page without data) and nothing else.
const SHELL = "shell-SHELL_VERSION";
const KEPT = ["/pages/style.css", "/pages/portal.js", "/pages/icon-192.png", "/offline"];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(SHELL)
      .then((shell) => shell.addAll(KEPT.map((path) => new Request(path, { credentials: "omit" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

// Built files carry a hash in their names, so what is kept is right for ever.
async function built(request) {
  const shell = await caches.open(SHELL);
  const found = await shell.match(request.url);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok && !answer.redirected) await shell.put(request.url, answer.clone());
  return answer;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (pathname.startsWith("/pages/viewer/")) event.respondWith(built(request));
  else if (KEPT.includes(pathname)) event.respondWith(fetch(request).catch(() => caches.match(pathname)));
  else if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match("/offline")));
});
