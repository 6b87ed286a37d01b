// A job's page moves by itself: its fragment is fetched until the job has ended.

const EVERY_MS = 2000; // data-every: where it takes seconds, not minutes
const PATIENCE_MS = 30_000; // for an answer; then it is asked for again

/**
 * @param {HTMLElement} root
 * @param {string} address - of the fragment
 */
function watch(root, address) {
  const every = Number(root.dataset.every) || EVERY_MS;
  let timer = 0;
  const again = () => {
    clearTimeout(timer);
    if (root.querySelector("[data-moving]")) timer = setTimeout(update, every);
  };
  async function update() {
    if (document.hidden) {
      again();
      return;
    }
    try {
      const response = await fetch(address, {
        headers: { Accept: "text/html" },
        credentials: "same-origin",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (response.ok && !response.redirected) {
        const open = [...root.querySelectorAll("details[open]")].map(({ id }) => id);
        const fragment = new DOMParser().parseFromString(await response.text(), "text/html");
        root.replaceChildren(...fragment.body.childNodes);
        for (const id of open) root.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
        // The page of a job that has ended has more to show than its fragment.
        if (root.querySelector("[data-arrived]")) location.reload();
      }
    } catch {
      // The network may be away for a while; the next try follows.
    }
    again();
  }
  document.addEventListener("visibilitychange", () => !document.hidden && update());
  again();
}

/** @type {HTMLElement | null} */
const root = document.querySelector("[data-fragment]");
if (root?.dataset.fragment) watch(root, root.dataset.fragment);
