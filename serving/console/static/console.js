// What every page of the console does: keys, the menu, and saying what went wrong.

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");
const dialog = () => document.getElementById("keys");

const KEPT = "replywise-one-key"; // people who speak to their computer turn them off

export function keysAreOn() {
  return localStorage.getItem(KEPT) !== "off";
}

let going = -Infinity; // when `g` was pressed last; a page is young for a while

function pressed(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]") || !keysAreOn()) return;
  const field = document.querySelector(`[data-focus-key="${CSS.escape(event.key)}"]`);
  if (field) {
    event.preventDefault();
    field.focus();
    field.select();
    return;
  }
  if (event.key === "?") {
    event.preventDefault();
    dialog()?.showModal();
    return;
  }
  const went = event.timeStamp - going < 1500;
  going = event.key === "g" ? event.timeStamp : -Infinity;
  if (!went) return;
  const link = document.querySelector(`nav a[data-key="${CSS.escape(event.key)}"]`);
  if (!link) return;
  // Neither the page's own keys nor its fields get the second letter.
  event.preventDefault();
  event.stopImmediatePropagation();
  link.click();
}

function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
}

function say(text) {
  const place = document.getElementById("failed");
  place.replaceChildren();
  if (!text) return;
  const line = document.createElement("p");
  line.textContent = text;
  place.append(line);
}

document.addEventListener("keydown", pressed, { capture: true });
document.addEventListener("click", (event) => {
  closeMenus(event);
  const opener = event.target.closest?.("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// The switch says what is kept, also where another window changed it.
const oneKey = document.getElementById("one-key");
if (oneKey) {
  const tell = () => { oneKey.checked = keysAreOn(); };
  tell();
  window.addEventListener("storage", tell);
  oneKey.addEventListener("change", () => localStorage.setItem(KEPT, oneKey.checked ? "on" : "off"));
}

// A click on the backdrop closes a dialog; inside, the dialog's own body is hit.
document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLDialogElement && event.target.matches("#keys")) event.target.close();
});

document.addEventListener("htmx:beforeRequest", () => say(""));
document.addEventListener("htmx:responseError", ({ detail }) => {
  const plain = detail.xhr.getResponseHeader("content-type")?.startsWith("text/plain");
  say(plain ? detail.xhr.responseText : "That could not be done. Try again.");
});
document.addEventListener("htmx:sendError", () => say("The service does not answer. Nothing was changed; try again in a moment."));
document.addEventListener("htmx:timeout", () => say("The service took too long. Look whether it was done before you try again."));

// The page that is looked at stays in sight where the links scroll.
document.querySelector("nav.pages [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
