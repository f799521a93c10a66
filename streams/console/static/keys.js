// The keyboard. Single letters do nothing while somebody writes, and none is taken from the browser.

const writes = (element) => element.matches("input, select, textarea");

/** `actions` maps a key to what it does; Escape also works while somebody writes. */
export function startKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    if (writes(event.target) && event.key !== "Escape") return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action(event);
  });
}
