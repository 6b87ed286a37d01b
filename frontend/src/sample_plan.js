// The planner of samples: its numbers follow the form.

import { part, setting } from "./page/elements.js";

const PAUSE_MS = 250;

const form = part(document, "[data-plan]", HTMLFormElement);
const shown = part(document, "[data-plan-shown]");
let timer = 0;
let asked = 0;

async function update() {
  asked += 1;
  const mine = asked;
  const fields = new FormData(form);
  fields.delete("csrfmiddlewaretoken");
  fields.delete("name");
  const query = new URLSearchParams(
    /** @type {Record<string, string>} */ (Object.fromEntries(fields)),
  );
  try {
    const response = await fetch(`${setting(form, "plan")}?${query}`, {
      headers: { Accept: "text/html" },
    });
    // A later choice may have been answered before this one.
    if (!response.ok || response.redirected || mine !== asked) return;
    const fragment = new DOMParser().parseFromString(await response.text(), "text/html");
    shown.replaceChildren(...fragment.body.childNodes);
  } catch {
    // The network may be away for a while; the next change asks again.
  }
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(update, PAUSE_MS);
});
