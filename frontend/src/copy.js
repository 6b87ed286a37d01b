// Buttons that copy the text of a field. Without this script they stay hidden, and the field can be
// selected and copied by hand.

for (const button of document.querySelectorAll("button[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  const said = document.getElementById(button.dataset.says);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // Only secure pages have a clipboard; older browsers know the command.
      document.execCommand("copy");
    }
    said.textContent = said.dataset.done;
  });
}
