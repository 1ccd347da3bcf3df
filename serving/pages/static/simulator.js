// The simulator. A turn is one reply with what became of it:
// {request, decision | problem, decide, trip, row}; `contact` is whom we play.

import { why } from "./why.js";

const $ = (id) => document.getElementById(id);
const slot = (name) => document.querySelector(`[data-f="${name}"]`);

const page = $("simulator");
const REASONS = JSON.parse(page.dataset.reasons);
const THRESHOLDS = JSON.parse(page.dataset.thresholds);
const ROUTE = new URL("v1/route", document.baseURI);
const SENDER = "+15550199";
const PATIENCE = 15_000; // milliseconds

const ACTIONS = {
  reply: ["Reply", "good", () => "Answered automatically, with approved words."],
  ask: ["Ask", "wait", () => "One clarifying question goes out; the conversation stays automatic."],
  escalate: ["Escalate", "alert", (d) => `A person takes over; ${d.reply ? "approved words go out meanwhile" : "nothing is sent"}.`],
  silent: ["Silent", "", () => "Nothing is sent."],
};
const DECIDERS = {
  keyword: "a fixed rule",
  menu: "the open menu",
  model: "the classifier",
  guard: "a precaution",
  owner: "a person",
};
const CONSENT = { opt_out: ["now opted out", "alert"], opt_in: ["now opted in", "good"] };
const languages = new Intl.DisplayNames("en", { type: "language" });

let contact;
let shown;
let recall = 0;
let queue = Promise.resolve();

function make(tag, props = {}, ...children) {
  const element = Object.assign(document.createElement(tag), props);
  element.append(...children);
  return element;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

const muted = (text) => make("span", { className: "small muted" }, text);
const number = (value) => (value > 0 && value < 0.01 ? "<0.01" : value.toFixed(2));
const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
const milliseconds = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const fill = (name, ...children) => slot(name).replaceChildren(...children);

function bar(value, element = make("span", { className: "bar", ariaHidden: "true" })) {
  element.style.setProperty("--value", value);
  return element;
}

// Plain http on another host lacks crypto.randomUUID and the clipboard.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function newContact() {
  const digits = String(crypto.getRandomValues(new Uint32Array(1))[0] % 100_000).padStart(5, "0");
  contact = { number: `+155501${digits}`, turns: [] };
  $("number").textContent = `+1 555 01${digits[0]} ${digits.slice(1)}`;
  $("closed").hidden = true;
  $("invite").hidden = false;
  $("owned").checked = false;
  $("earlier").value = "";
  weWrote(null);
  $("turns").replaceChildren();
  $("decision").dataset.state = "empty";
  $("decision").ariaBusy = "false";
  fill("position");
  shown = null;
}

function weWrote(text) {
  contact.lastMessage = text;
  $("earlier").placeholder = text ? "the one above" : "e.g. See you Tuesday at 3?";
}

function bodyOf(text) {
  const context = {};
  const lastMessage = $("earlier").value.trim() || contact.lastMessage;
  if (lastMessage) context.last_message = lastMessage;
  if ($("owned").checked) context.owner = "person";
  const body = { message_id: newId(), from: contact.number, to: SENDER, text };
  return Object.keys(context).length ? { ...body, context } : body;
}

function send(text) {
  const earlier = $("earlier").value.trim();
  const turn = { contact, request: bodyOf(text), row: make("li") };
  if (earlier) turn.row.append(make("p", { className: "bubble", dir: "auto" }, earlier));
  if (earlier) weWrote(earlier);
  $("earlier").value = "";
  $("invite").hidden = true;
  turn.bubble = make("button", { type: "button", className: "bubble theirs", dir: "auto" }, text);
  turn.bubble.addEventListener("click", () => {
    show(turn);
    $("decision").scrollIntoView({ block: "nearest" });
  });
  turn.caption = make("p", { className: "caption" });
  turn.row.append(turn.bubble, turn.caption);
  contact.turns.push(turn);
  recall = contact.turns.length;
  $("turns").append(turn.row);
  decide(turn);
}

// One after the other, as a person's replies reach the service.
function decide(turn) {
  turn.row.className = "waiting";
  turn.caption.replaceChildren("Deciding…");
  $("decision").ariaBusy = "true";
  $("messages").scrollTop = $("messages").scrollHeight;
  queue = queue.then(async () => {
    await ask(turn);
    if (turn.contact !== contact) return;
    turn.row.className = "";
    $("decision").ariaBusy = String(contact.turns.some((t) => t.row.className === "waiting"));
    answer(turn);
    show(turn);
  });
}

// The key stays in this tab, and nowhere else.
function headers() {
  const key = sessionStorage.getItem("key");
  return { "content-type": "application/json", ...(key && { authorization: `Bearer ${key}` }) };
}

async function ask(turn) {
  turn.problem = turn.decision = null;
  const began = performance.now();
  try {
    const response = await fetch(ROUTE, {
      method: "POST",
      headers: headers(),
      body: JSON.stringify(turn.request),
      signal: AbortSignal.timeout(PATIENCE),
    });
    const body = await response.json().catch(() => null);
    turn.trip = performance.now() - began;
    const timing = /decide;dur=([\d.]+)/.exec(response.headers.get("Server-Timing"));
    turn.decide = timing && Number(timing[1]);
    if (response.ok && body) turn.decision = body;
    else turn.problem = { title: `Status ${response.status}`, detail: "The answer was not one of replywise's.", ...body, status: response.status };
  } catch (error) {
    const late = error.name === "TimeoutError";
    turn.problem = {
      status: 0,
      title: late ? "No answer in time" : "The service does not answer",
      detail: late ? `Nothing came back within ${PATIENCE / 1000} seconds.` : `Nothing answers at ${ROUTE.origin}.`,
    };
  }
}

// What the conversation shows for a turn, below the person's bubble.
function answer(turn) {
  while (turn.caption.nextSibling) turn.caption.nextSibling.remove();
  const { decision } = turn;
  const note = (...children) => turn.row.append(make("p", { className: "note" }, ...children));
  if (!decision) {
    turn.caption.replaceChildren(icon("failed"), "Not decided");
    return;
  }
  const [label] = ACTIONS[decision.action];
  const what = decision.intent ? ` · ${decision.intent} ${number(decision.confidence)}` : "";
  turn.caption.replaceChildren(icon(decision.action), label + what);
  if (decision.reply) {
    turn.row.append(make("p", { className: "bubble", dir: "auto" }, decision.reply.text));
    weWrote(decision.reply.text);
  }
  if (decision.action === "escalate") note(`A person takes over: ${decision.queue}, ${decision.priority} priority`);
  if (decision.action === "silent") note("Nothing is sent");
  if (decision.consent) $("closed").hidden = decision.consent !== "opt_out";
  const codes = decision.reasons.map((reason) => reason.code);
  if (codes.includes("consent_closed") || codes.includes("loop_limit")) {
    note(make("button", { type: "button", className: "button", onclick: startAfresh }, "Go on with a new contact"));
  }
  $("messages").scrollTop = $("messages").scrollHeight;
}

function show(turn) {
  shown?.bubble.removeAttribute("aria-current");
  shown = turn;
  turn.bubble.setAttribute("aria-current", "true");
  fill("position", `Reply ${contact.turns.indexOf(turn) + 1} of ${contact.turns.length}`);
  if (turn.decision) showDecision(turn);
  else if (turn.problem) showProblem(turn.problem);
}

function showProblem(problem) {
  const again = problem.status === 0 || problem.status === 401 || problem.status >= 500;
  const gone = "Is it running? Start it with “make run”, then send again.";
  $("keyed").hidden = problem.status !== 401;
  fill("title", problem.title);
  fill("detail", problem.detail);
  fill("errors", ...(problem.errors ?? []).map((e) => make("li", {}, make("code", {}, e.field), ` ${e.problem}`)));
  fill("remedy", problem.status === 0 ? gone : again ? "However often it is sent, it is decided once." : "Change the reply and send it anew.");
  $("retry").textContent = again ? "Send again" : "Change the reply";
  $("decision").dataset.state = "failed";
}

function showDecision({ decision: d, request, decide: took, trip }) {
  const [label, tone, outcome] = ACTIONS[d.action];
  const byRule = d.sentiment === null;
  fill("action", make("span", { className: `badge ${tone}` }, icon(d.action), label));
  fill("intent", d.intent ?? "nothing to read");
  fill("outcome", outcome(d));

  const hundred = Math.round(d.confidence * 100);
  fill("confidence", number(d.confidence));
  fill("meaning", byRule ? "A rule decided; nothing was estimated." : `Of 100 replies read with this confidence, about ${hundred} are read right.`);
  const solved = d.reasons.some((r) => /^(above|below)_threshold$/.test(r.code)) && d.bundle === page.dataset.bundle;
  const needed = solved ? THRESHOLDS[d.intent] : undefined;
  const scale = bar(d.confidence, slot("confidence-bar"));
  scale.classList.toggle("needs", needed !== undefined);
  scale.style.setProperty("--needed", needed ?? 0);
  fill("needed", needed === undefined ? "" : `acts from ${number(needed)}`);

  fill("sentiment", ...(d.sentiment ? [d.sentiment, " ", muted(number(d.sentiment_confidence))] : [muted("not asked")]));
  fill("queue", d.queue ?? muted("none"));
  fill("priority", d.priority ?? muted("none"));
  fill("decided_by", d.decided_by, " ", muted(DECIDERS[d.decided_by] ?? ""));
  const [change, hue] = CONSENT[d.consent] ?? [];
  fill("consent", change ? make("span", { className: `badge ${hue}` }, change) : muted("unchanged"));
  fill("language", d.language ? languages.of(d.language) : muted("cannot tell"));

  fill("reasons", ...d.reasons.map((r) => make("li", {}, make("p", {}, REASONS[r.code] ?? ""), make("p", { className: "small muted" }, make("code", {}, r.code), ` · ${r.detail}`))));
  const size = d.reply && `${d.reply.template} · ${plural(d.reply.segments, "segment")} · ${d.reply.encoding} · ${plural([...d.reply.text].length, "character")}`;
  fill("words", ...(d.reply ? [make("p", { className: "quote", dir: "auto" }, d.reply.text), make("p", { className: "small muted" }, size)] : [muted("None")]));
  const ranked = (intent, value) => make("li", { className: "small" }, intent, bar(value), make("span", { className: "number" }, number(value)));
  // A decision recorded by an earlier version has no `also`.
  const further = (d.also ?? []).map((a) => ranked(a.intent, a.confidence));
  fill("also", ...(further.length ? further : [muted("Nothing else")]));
  const others = d.alternatives.map((a) => ranked(a.intent, a.probability));
  fill("alternatives", ...(others.length ? others : [muted(byRule ? "Nothing: a rule decided" : "Nothing likely")]));
  const effects = d.effects.map((e) => {
    const payload = Object.entries(e.payload).map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
    return make("li", {}, make("code", {}, e.type), make("p", { className: "small muted" }, [...payload, `once, as ${e.id}`].join(" · ")));
  });
  fill("effects", ...(effects.length ? effects : [muted("None")]));

  fill("decide", took === null ? "an unknown time" : milliseconds(took));
  fill("trip", milliseconds(trip));
  fill("bundle", d.bundle.slice(0, 19));
  slot("bundle").title = d.bundle;
  fill("json", JSON.stringify(d, null, 2));
  const quoted = JSON.stringify(request).replaceAll("'", "'\\''");
  fill("curl", `curl -sS ${ROUTE} \\\n  -H 'content-type: application/json' \\\n  -d '${quoted}'`);
  $("decision").dataset.state = "ready";
  explain();
  $("said").textContent = `${label}: ${d.intent ?? "nothing to read"}, confidence ${number(d.confidence)}. ${outcome(d)} ${d.reply?.text ?? ""}`;
}

// Asked for only when it is opened: the same message_id decides nothing anew.
async function explain() {
  const turn = shown;
  if (!$("why").open || !turn?.decision) return;
  if (!turn.explanation) fill("why", muted("…"));
  turn.explanation ??= await explanationOf(turn.request);
  if (turn !== shown) return;
  fill("why", ...(turn.explanation ? why(turn.explanation, turn.request.text, make) : [muted("No explanation came; open it again.")]));
}

async function explanationOf(request) {
  try {
    const response = await fetch(new URL("?explain=true", ROUTE), {
      method: "POST",
      headers: headers(),
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(PATIENCE),
    });
    return response.ok ? (await response.json()).explanation : null;
  } catch {
    return null;
  }
}

$("key").addEventListener("change", (event) => sessionStorage.setItem("key", event.target.value.trim()));

function startAfresh() {
  newContact();
  recall = 0;
  $("said").textContent = `New contact ${contact.number}.`;
  $("text").focus();
}

function submit(event) {
  event.preventDefault();
  const text = $("text").value;
  if (text.trim()) {
    send(text);
    $("text").value = "";
  }
  $("text").focus();
}

function typed(event) {
  const { key, shiftKey, isComposing, target } = event;
  if (isComposing) return;
  if (key === "Enter" && !shiftKey) submit(event);
  // In an empty field, or on a recalled text, the arrows walk through what was sent.
  const step = { ArrowUp: -1, ArrowDown: 1 }[key];
  const unchanged = target.value === (contact.turns[recall]?.request.text ?? "");
  if (!step || !unchanged) return;
  event.preventDefault();
  recall = Math.min(Math.max(recall + step, 0), contact.turns.length);
  target.value = contact.turns[recall]?.request.text ?? "";
}

async function copy(event) {
  const button = event.currentTarget;
  const source = slot(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(source);
    button.textContent = "Selected";
  }
  setTimeout(() => (button.textContent = "Copy"), 1500);
}

function retry() {
  if ($("retry").textContent === "Send again") return decide(shown);
  $("text").value = shown.request.text;
  $("text").focus();
}

newContact();
$("controls").disabled = false;
$("composer").addEventListener("submit", submit);
$("text").addEventListener("keydown", typed);
$("fresh").addEventListener("click", startAfresh);
$("retry").addEventListener("click", retry);
$("why").addEventListener("toggle", explain);
$("samples").addEventListener("click", ({ target }) => target.matches(".sample") && send(target.textContent));
document.querySelectorAll("[data-copy]").forEach((button) => button.addEventListener("click", copy));
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.matches("#earlier, #text")) return;
  event.preventDefault();
  $("text").focus();
});
if (matchMedia("(hover: hover) and (pointer: fine)").matches) $("text").focus();
