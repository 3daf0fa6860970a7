"use strict";
// Keeps FILES in CACHE, and what else the pages load, for when the network is away; while it is there, it is asked first.
const answers = self.caches;

self.addEventListener("install", (event) => {
  event.waitUntil(answers.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("tokensheet-") && name !== CACHE);
  const sweep = answers.keys().then((names) => Promise.all(old(names).map((name) => answers.delete(name))));
  event.waitUntil(sweep.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith(fetch(event.request).then((response) => keep(event, response), () => kept(event.request)));
});

function keep(event, response) {
  if (response.ok || response.type === "opaque") { // Office.js comes from Microsoft's own server
    const copy = response.clone();
    event.waitUntil(answers.open(CACHE).then((cache) => cache.put(event.request, copy)));
  }
  return response;
}

async function kept(request) {
  return (await answers.match(request, { ignoreSearch: true })) ?? Response.error();
}
