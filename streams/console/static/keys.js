// Keyboard shortcuts. Single keys do nothing in a text field; the browser's own shortcuts are left alone.

const isField = (element) => element.matches("input, select, textarea");

/** `actions` maps a key to its function; Escape also works in a text field. */
export function startKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    if (isField(event.target) && event.key !== "Escape") return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action(event);
  });
}
