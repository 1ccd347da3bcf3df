// One decision after the other: a key, and the next is there. What was said travels
// behind, in order; the decision comes back where it was not taken.

import { keysAreOn } from "./console.js";

const at = (id) => document.getElementById(id);
const page = at("review");
const queue = page.dataset.queue; // empty where one decision was opened by itself
const current = () => at("case").firstElementChild;
const real = (card) => card && !("end" in card.dataset || "waits" in card.dataset);

// --- Showing -------------------------------------------------------------------

function show(card) {
  at("case").replaceChildren(card);
  const heading = card.matches("[tabindex]") ? card : card.querySelector("[data-focus]");
  heading?.focus({ preventScroll: true });
  window.scrollTo(0, 0);
  const here = card.querySelector(".here");
  if (here && here.getBoundingClientRect().bottom > innerHeight * 0.6) here.scrollIntoView({ block: "center" });
}

function advance() {
  show(at("ahead").firstElementChild ?? at("waits").content.firstElementChild.cloneNode(true));
}

// The one that was there waits behind the one that is shown now.
function bringBack(card) {
  const then = current();
  if (real(then)) at("ahead").prepend(then);
  show(card);
}

function arrived() {
  const again = at("back").firstElementChild;
  if (again && queue) bringBack(again);
  else if (again) show(again);
  // Of several ends the last knows best, and none stands before a decision.
  const ends = [...at("ahead").querySelectorAll(":scope > [data-end]")];
  const more = [...at("ahead").children].some(real);
  for (const end of more ? ends : ends.slice(0, -1)) end.remove();
  if (!real(current()) && at("ahead").firstElementChild) advance();
}

// --- Sending -------------------------------------------------------------------

let sending = Promise.resolve();
const onTheWay = new Set(); // judged here, and not yet known there

// One after the other; gives the answer's status, 0 where there was none, and words.
function send(path, values) {
  const answered = sending.then(() => new Promise((done) => {
    const heard = ({ detail }) => {
      if (detail.elt !== page) return;
      page.removeEventListener("htmx:afterRequest", heard);
      done({ status: detail.xhr.status, words: wordsOf(detail.xhr) });
    };
    page.addEventListener("htmx:afterRequest", heard);
    const shown = [...page.querySelectorAll("article[data-id]")].map((card) => card.dataset.id);
    const showing = [...new Set([...shown, ...onTheWay])].join(" ");
    htmx.ajax("POST", path, { source: page, swap: "none", values: { next: queue, showing, ...values } }).catch(() => {});
  }));
  sending = answered.then(arrived);
  return answered;
}

function wordsOf(xhr) {
  if (!xhr.status) return "The service does not answer. Nothing was recorded; try again in a moment.";
  const plain = xhr.getResponseHeader("content-type")?.startsWith("text/plain");
  return plain ? xhr.responseText : "That could not be done. Try again.";
}

// What goes wrong here is told here, and stays until the next key.
for (const kind of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  page.addEventListener(kind, (event) => {
    if (event.detail.elt === page) event.stopPropagation();
  });
}

function say(text, trouble = "") {
  at("said").textContent = text;
  at("trouble").textContent = trouble;
}

async function leave(card, path, values, said) {
  if (queue) advance();
  say(said);
  onTheWay.add(card.dataset.id);
  const { status, words } = await send(path, values);
  onTheWay.delete(card.dataset.id);
  if (status === 200) return;
  say("", words);
  if (!queue) return;
  if (status === 410 || status === 404) send("/console/review/next", {}); // others were faster
  else bringBack(card);
}

function give(verdict, label, named = {}) {
  const card = current();
  if (!card?.dataset.record) return;
  const note = card.querySelector("[name=note]").value;
  leave(card, card.dataset.record, { verdict, note, ...named }, `${label}.`);
}

function skip() {
  const card = current();
  if (queue === "drawn" && real(card)) leave(card, `/console/review/skip/${card.dataset.id}`, {}, "Skipped.");
}

async function undo(review) {
  say("Undone.");
  const { status, words } = await send("/console/review/undo", review ? { review } : {});
  if (status !== 200) say("", words);
}

function note() {
  const place = current()?.querySelector(".note");
  if (!place) return;
  place.hidden = false;
  place.querySelector("textarea").focus();
}

const does = { skip, note, undo: () => undo() };

// --- Choosing what would have been right ----------------------------------------

const names = { wrong_intent: "intent", false_opt_out: "intent", wrong_queue: "queue" };
let choosing; // the verdict that a list is open for

function choose(verdict, label) {
  const card = current();
  const kind = names[verdict];
  const list = at(`${kind}-list`);
  const decided = kind === "intent" ? card.dataset.intent : card.dataset.atQueue;
  const options = list.querySelector("[role=listbox]");
  const place = (option) => {
    const found = card.dataset.ranking.split(" ").indexOf(option.dataset.name);
    return found < 0 ? Infinity : found;
  };
  const sorted = [...options.children].sort((one, other) => {
    const [a, b] = [place(one), place(other)];
    return a === b ? one.dataset.name.localeCompare(other.dataset.name) : a - b;
  });
  options.replaceChildren(...sorted);
  for (const option of sorted) {
    option.dataset.off = option.dataset.name === decided || ("unsure" in option.dataset && verdict !== "false_opt_out") ? "yes" : "";
  }
  choosing = { verdict, label, missed: verdict === "wrong_intent" && card.dataset.stopped === "False" };
  const input = list.querySelector("input");
  input.value = "";
  filter(list);
  list.showModal();
  input.focus();
}

function filter(list) {
  const words = list.querySelector("input").value.toLowerCase().split(/[\s_]+/).filter(Boolean);
  for (const option of list.querySelectorAll("[role=option]")) {
    const text = option.textContent.toLowerCase();
    option.hidden = option.dataset.off === "yes" || !words.every((word) => text.includes(word));
  }
  const shown = fitting(list);
  list.querySelector("[data-none]").hidden = shown.length > 0;
  mark(list, shown[0]);
}

const fitting = (list) => [...list.querySelectorAll("[role=option]:not([hidden])")];

function mark(list, option) {
  for (const other of list.querySelectorAll("[aria-selected=true]")) other.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  const input = list.querySelector("input");
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
}

function move(list, step) {
  const shown = fitting(list);
  const now = shown.findIndex((option) => option.ariaSelected === "true");
  mark(list, shown[(now + step + shown.length) % shown.length]);
}

function chosen(list, option) {
  if (!option) return;
  const { name } = option.dataset;
  list.close();
  const words = option.querySelector("strong").textContent;
  if (choosing.missed && "optOut" in option.dataset) give("missed_opt_out", "Missed opt-out");
  else give(choosing.verdict, name ? `${choosing.label}: ${words}` : choosing.label, name ? { [names[choosing.verdict]]: name } : {});
}

function listKey(event) {
  const list = event.currentTarget;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) {
    event.preventDefault();
    move(list, steps[event.key]);
  } else if (event.key === "Enter" && event.target.matches("input")) {
    event.preventDefault();
    chosen(list, fitting(list).find((option) => option.ariaSelected === "true"));
  }
}

for (const list of document.querySelectorAll("dialog.list")) {
  list.addEventListener("keydown", listKey);
  list.addEventListener("input", () => filter(list));
  list.addEventListener("click", (event) => {
    if (event.target === list) list.close();
    else chosen(list, event.target.closest("[role=option]"));
  });
}

// --- Keys and buttons ------------------------------------------------------------

function pressed(event) {
  if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]") || !keysAreOn()) return;
  if (event.target.closest("input, textarea, select")) return;
  // A key that works what it is on is that one's.
  if ([" ", "Enter"].includes(event.key) && event.target.closest("button, a, summary")) return;
  const key = event.key.toLowerCase();
  if (key === "u") return event.preventDefault(), does.undo();
  const buttons = current()?.querySelectorAll(".verdicts button") ?? [];
  const button = [...buttons].find((one) => one.dataset.key === key || one.dataset.digit === key);
  if (!button) return;
  event.preventDefault();
  button.click();
}

page.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!event.target.matches(".verdicts") || !button) return;
  event.preventDefault();
  const { intent, queue: place, label } = button.dataset;
  if (button.matches(".agree")) give(button.value, button.textContent.trim(), { ...(intent && { intent }), ...(place && { queue: place }) });
  else if (button.value in names) choose(button.value, label);
  else give(button.value, label);
});

page.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-does], button[data-undo]");
  if (button?.dataset.undo) undo(button.dataset.undo);
  else if (button) does[button.dataset.does]();
});

page.addEventListener("keydown", (event) => {
  if (event.target.name !== "note") return;
  const leaves = event.key === "Escape" || (event.key === "Enter" && !event.shiftKey);
  if (!leaves) return;
  event.preventDefault();
  current().querySelector("[data-focus]").focus({ preventScroll: true });
});

document.addEventListener("keydown", pressed);

if (!document.activeElement || document.activeElement === document.body) {
  current()?.querySelector("[data-focus]")?.focus({ preventScroll: true });
}
