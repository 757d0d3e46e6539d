// Keeps the page, its files and one signed snapshot, and says what it tells of a code. SHELL and FILES stand before this.
"use strict";
importScripts("/m/offline/check.js");

const PAGE = "/m/offline";
const KEPT = "xinyi-offline-snapshot";
const HELD = "/m/offline/held";
const LOOSE = { ignoreVary: true, ignoreSearch: true };
const { read, verify, Unreadable } = self.offlineCheck;

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOldShells().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname === PAGE) event.respondWith(freshOrKept(event.request));
  else if (FILES.includes(address.pathname)) event.respondWith(keptOrFresh(event.request));
});

self.addEventListener("message", (event) => {
  const acts = { keep, check, state };
  const act = acts[event.data.act];
  const reply = (answer) => event.ports[0].postMessage(answer);
  event.waitUntil(act(event.data).then(reply, (error) => reply({ failed: reasonOf(error) })));
});

async function keepShell() {
  const shell = await caches.open(SHELL);
  await shell.addAll([PAGE, ...FILES].map((path) => new Request(path, { cache: "reload" })));
}

async function forgetOldShells() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("xinyi-offline-") && name !== SHELL && name !== KEPT);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function freshOrKept(request) {
  const shell = await caches.open(SHELL);
  const fresh = await fetch(request).catch(() => Response.error());
  if (!fresh.ok) return (await shell.match(PAGE, LOOSE)) ?? fresh;
  await shell.put(PAGE, fresh.clone());
  return fresh;
}

async function keptOrFresh(request) {
  const shell = await caches.open(SHELL);
  return (await shell.match(request, LOOSE)) ?? fetch(request);
}

// Take a district's snapshot; one that is not the city's never replaces the last one that was.
async function keep({ district }) {
  const [snapshot, jwks] = await Promise.all([
    fetched(`/api/v1/sticker-snapshots/${encodeURIComponent(district)}`),
    fetched("/.well-known/jwks.json"),
  ]);
  const held = { snapshot: snapshot.snapshot, jwks };
  const read_ = await read(jwks, held.snapshot);
  await (await caches.open(KEPT)).put(HELD, new Response(JSON.stringify(held)));
  return { takenAt: read_.takenAt, district: read_.district, stickers: read_.live.size + read_.revoked.size };
}

async function check({ shown }) {
  try {
    return await verify(await heldSnapshot(), shown, Date.now());
  } catch (error) {
    return { verdict: "CANNOT TELL", reason: reasonOf(error) };
  }
}

async function state() {
  const held = await heldSnapshot();
  return { takenAt: held.takenAt, district: held.district, stickers: held.live.size + held.revoked.size };
}

async function heldSnapshot() {
  const kept = await (await caches.open(KEPT)).match(HELD);
  if (!kept) throw new Unreadable("no_snapshot");
  const { jwks, snapshot } = await kept.json();
  return read(jwks, snapshot);
}

async function fetched(path) {
  const answer = await fetch(path, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
  return answer.json();
}

const reasonOf = (error) => (error instanceof Unreadable ? error.message : "network");
