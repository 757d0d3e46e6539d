// Ask before acts that cannot be undone, stop double sending, and redraw a part of a page in place.

export function askBeforeDangerousActs(root) {
  root.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });
}

// <form method="get" data-update="results">: the answer's element with that id replaces the page's.
export function updateInPlace(root) {
  root.addEventListener("submit", async (event) => {
    const form = event.target;
    const target = form.dataset.update && document.getElementById(form.dataset.update);
    if (!target || event.defaultPrevented || form.method !== "get") return;
    event.preventDefault();
    const address = new URL(form.action);
    address.search = new URLSearchParams(new FormData(form));
    target.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(target.id);
      if (!answer.ok || !fresh) throw new Error(`answered ${answer.status}`);
      target.replaceWith(fresh);
      history.replaceState(null, "", address);
    } catch {
      window.location.assign(address);
    }
  });
}
