// Draw a short-lived code anew before it ends; one that could not be renewed fades, so that nobody shows it.

export function keepCodesFresh(root) {
  for (const holder of root.querySelectorAll("[data-live-code]")) refreshEvery(holder);
}

function refreshEvery(holder) {
  const milliseconds = Math.max(Number(holder.dataset.seconds) || 20, 5) * 1000;
  const turn = async () => {
    if (!document.hidden) await refresh(holder);
  };
  setInterval(turn, milliseconds);
  document.addEventListener("visibilitychange", turn);
}

async function refresh(holder) {
  try {
    const answer = await fetch(holder.dataset.liveCode, { headers: { Accept: "image/svg+xml" }, cache: "no-store" });
    if (!answer.ok) throw new Error(`answered ${answer.status}`);
    const drawn = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
    if (drawn.nodeName !== "svg") throw new Error("not a drawing");
    holder.replaceChildren(document.importNode(drawn, true));
    holder.classList.remove("is-stale");
  } catch {
    holder.classList.add("is-stale");
  }
}
