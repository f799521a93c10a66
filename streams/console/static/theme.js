// The colour theme: light, dark, or the system's; stored in this browser.
import { byId } from "./dom.js";

const CHOICES = [["", "system", "◐"], ["light", "light", "☀"], ["dark", "dark", "☾"]];

export function startTheme() {
  const button = byId("theme");
  let at = Math.max(0, CHOICES.findIndex(([name]) => name === (localStorage.getItem("theme") || "")));
  const apply = () => {
    const [name, words, sign] = CHOICES[at];
    document.documentElement.dataset.theme = name;
    button.textContent = sign;
    button.setAttribute("aria-label", `Colours: ${words}`);
    button.title = `Colours: ${words}`;
  };
  button.addEventListener("click", () => {
    at = (at + 1) % CHOICES.length;
    localStorage.setItem("theme", CHOICES[at][0]);
    apply();
  });
  apply();
}
