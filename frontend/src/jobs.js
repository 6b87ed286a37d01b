// A job's page moves by itself: its fragment is fetched until the job has ended.

const EVERY_MS = 2000; // data-every: where it takes seconds, not minutes

function watch(root) {
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
      const response = await fetch(root.dataset.fragment, {
        headers: { Accept: "text/html" },
        credentials: "same-origin",
      });
      if (response.ok && !response.redirected) {
        const open = [...root.querySelectorAll("details[open]")].map(({ id }) => id);
        const fragment = new DOMParser().parseFromString(await response.text(), "text/html");
        root.replaceChildren(...fragment.body.childNodes);
        for (const id of open) root.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
        // What has ended leads on: the page has more to show than its fragment.
        if (root.querySelector("[data-arrived]")) location.reload();
      }
    } catch {
      // The network may be away for a while; the next try is in two seconds.
    }
    again();
  }
  document.addEventListener("visibilitychange", () => !document.hidden && update());
  again();
}

const root = document.querySelector("[data-fragment]");
if (root) watch(root);
