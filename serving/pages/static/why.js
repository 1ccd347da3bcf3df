// Why a reply was read as it was, from the `explanation` of /v1/route?explain=true.

const FAINT = 2; // log-odds: lesser weights stay pale even where they are the greatest
const SLIGHT = 0.2; // log-odds that are not worth a shade

const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;

function shaded({ word, weight }, most, make) {
  if (Math.abs(weight) < SLIGHT) return word;
  const mark = make("mark", { className: weight < 0 ? "against" : "for", title: `${signed(weight)} log-odds` }, word);
  mark.style.setProperty("--weight", Math.abs(weight) / most);
  mark.append(make("span", { className: "visually-hidden" }, ` (${signed(weight)})`));
  return mark;
}

// Places are counted in characters, which a script's strings are not.
function sentence(words, text, make) {
  const characters = [...text];
  const most = Math.max(FAINT, ...words.map((word) => Math.abs(word.weight)));
  const parts = [];
  let done = 0;
  for (const word of words) {
    parts.push(characters.slice(done, word.start).join(""), shaded(word, most, make));
    done = word.end;
  }
  return make("p", { className: "weighed", dir: "auto" }, ...parts, characters.slice(done).join(""));
}

function part(make, title, ...body) {
  return make("div", { className: "part" }, make("h3", {}, title), ...body);
}

function neighbour(near, make) {
  const about = make("p", { className: "small muted" }, `${near.intent} · ${near.similarity.toFixed(2)} alike · `, make("code", {}, near.id));
  return make("li", {}, make("p", { dir: "auto" }, near.text), about);
}

function signal({ says, effect }, make) {
  return make("li", {}, says, " ", make("span", { className: "small muted" }, signed(effect)));
}

// The elements that explain a decision about `text`; `make` builds one.
export function why(told, text, make) {
  if (told.rule) {
    const rule = make("p", { className: "small muted" }, make("code", {}, told.rule.code), ` · ${told.rule.detail}`);
    return [make("div", { className: "part" }, make("p", {}, "A rule decided; no word was weighed."), rule)];
  }
  const none = (said) => [make("li", { className: "small muted" }, said)];
  const near = told.neighbours.map((one) => neighbour(one, make));
  const moved = told.signals.map((one) => signal(one, make));
  const key = "The stronger the shade, the more the reading rests on it. Underlined words spoke against it.";
  return [
    part(make, `Words that carried ${told.intent}`, sentence(told.words, text, make), make("p", { className: "small muted" }, key)),
    part(make, "Nearest labelled replies", make("ul", {}, ...(near.length ? near : none("The bundle holds none")))),
    part(make, "What moved the confidence", make("ul", {}, ...(moved.length ? moved : none("None stood out")))),
  ];
}
