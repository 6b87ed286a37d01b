// Buttons that copy the text of a field or of a paragraph. Without this script they stay hidden, and
// the text can be selected and copied by hand.

function selectAll(element) {
  if (element.select) element.select();
  else getSelection().selectAllChildren(element);
}

const textOf = (element) => element.value ?? element.textContent.replace(/\s+/g, " ").trim();

for (const button of document.querySelectorAll("button[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  const said = document.getElementById(button.dataset.says);
  button.hidden = false;
  button.addEventListener("click", async () => {
    selectAll(field);
    try {
      await navigator.clipboard.writeText(textOf(field));
    } catch {
      // Only secure pages have a clipboard; older browsers know the command.
      document.execCommand("copy");
    }
    said.textContent = said.dataset.done;
  });
}
