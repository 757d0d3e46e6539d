// The page of the check without network: hands what is typed to the worker and shows its words. Where a browser has no
// service workers, the form goes to the online box as it does without script.

const page = document.getElementById("offline");
const form = document.getElementById("offline-form");
const STALE = 600_000;

if ("serviceWorker" in navigator) begin().catch(showUnavailable);
else showUnavailable();

async function begin() {
  await navigator.serviceWorker.register("/m/offline/worker.js", { scope: "/m/offline" });
  // The worker of the moment: a newer one may have taken over since the page was opened.
  const ask = async (message) => asked((await navigator.serviceWorker.ready).active, message);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    showAnswer(await ask({ act: "check", shown: form.elements.q.value }));
  });
  document.getElementById("keep").addEventListener("click", () => keep(ask, document.getElementById("f-district").value));
  page.hidden = false;
  const held = await ask({ act: "state" });
  showHeld(held);
  if (!held.failed && Date.now() - held.takenAt > STALE && navigator.onLine) await keep(ask, held.district);
  page.dataset.ready = "true";
}

function asked(worker, message) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => resolve(event.data);
    worker.postMessage(message, [port2]);
  });
}

async function keep(ask, district) {
  const answer = await ask({ act: "keep", district });
  if (answer.failed) showFailure(answer.failed);
  else showHeld(answer);
}

function showHeld(held) {
  const line = document.getElementById("held");
  if (held.failed) {
    line.textContent = words(`reason:${held.failed}`);
    return;
  }
  document.getElementById("f-district").value = held.district;
  const number = words("stickers").replace("{n}", held.stickers);
  line.textContent = `${words("held")} ${placeName(held.district)} · ${number} · ${aged(held.takenAt)}`;
}

function showFailure(reason) {
  document.getElementById("keep-failed").textContent = words(`reason:${reason}`);
}

function showAnswer({ verdict, reason, takenAt }) {
  const answer = document.getElementById("answer");
  answer.className = `mt-3 alert alert-${{ GENUINE: "success", REVOKED: "danger", "NOT OURS": "danger" }[verdict] ?? "warning"}`;
  answer.dataset.verdict = verdict;
  answer.hidden = false;
  const lines = [words(`verdict:${verdict}`), words(`reason:${reason}`), takenAt ? aged(takenAt) : ""];
  answer.replaceChildren(...lines.filter(Boolean).map(paragraph));
}

function paragraph(text, place) {
  const line = document.createElement("p");
  line.className = place ? "mb-0" : "h4";
  line.textContent = text;
  return line;
}

function aged(takenAt) {
  const hours = Math.floor((Date.now() - takenAt) / 3_600_000);
  const age = hours < 48 ? `${Math.max(hours, 0)} ${words("hours")}` : `${Math.floor(hours / 24)} ${words("days")}`;
  const at = new Date(takenAt).toLocaleString(document.documentElement.lang, { timeZone: "Asia/Shanghai" });
  return words("as_of").replace("{at}", at).replace("{age}", age);
}

const words = (key) => document.querySelector(`#words [data-key="${CSS.escape(key)}"]`)?.textContent ?? "";
const placeName = (code) => document.querySelector(`#f-district option[value="${CSS.escape(code)}"]`)?.textContent ?? code;

function showUnavailable() {
  document.getElementById("unavailable").hidden = false;
}
