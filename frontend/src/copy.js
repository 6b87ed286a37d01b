// Buttons that copy the text of a field or of a paragraph. Without this script they stay hidden, and
// the text can be selected and copied by hand.

/** @param {HTMLElement} element */
function selectAll(element) {
  if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
    element.select();
  } else getSelection()?.selectAllChildren(element);
}

/** @param {HTMLElement} element */
const textOf = (element) =>
  element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
    ? element.value
    : (element.textContent ?? "").replace(/\s+/g, " ").trim();

/** @type {NodeListOf<HTMLButtonElement>} */
const buttons = document.querySelectorAll("button[data-copies]");
for (const button of buttons) {
  const field = document.getElementById(button.dataset.copies ?? "");
  const said = document.getElementById(button.dataset.says ?? "");
  if (!field || !said) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    selectAll(field);
    try {
      await navigator.clipboard.writeText(textOf(field));
    } catch {
      // Only secure pages have a clipboard; older browsers know the command.
      document.execCommand("copy");
    }
    said.textContent = said.dataset.done ?? "";
  });
}
