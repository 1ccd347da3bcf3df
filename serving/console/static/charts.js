// Draws every figure.chart from its data-chart, in the colours of the page.
//
// data-chart: {type: "line" | "bar" | "stacked", labels, series: [{name, values}], y, unit,
// across}; across lays bars on their side, for labels that are names.

const SERIES = 8; // as many colours as console.css names
const drawn = new WeakMap();
const dark = matchMedia("(prefers-color-scheme: dark)");

const css = (name) => {
  // A colour may be light-dark(…): what an element shows is the one that holds now.
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
};

const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

function palette() {
  const colours = Array.from({ length: SERIES }, (_, place) => css(`--series-${place + 1}`));
  return { series: colours, line: css("--line"), text: css("--muted"), surface: css("--surface"), strong: css("--text") };
}

function datasets({ type, series }, colours) {
  return series.map(({ name, values }, place) => {
    const colour = colours.series[place % SERIES];
    const common = { label: name, data: values, borderColor: colour, backgroundColor: colour };
    if (type !== "line") return { ...common, borderWidth: type === "stacked" && values.length <= 62 ? 1 : 0, borderColor: type === "stacked" ? colours.surface : colour, maxBarThickness: 40 };
    const few = values.length <= 31;
    // Lines differ by their dashes too, for those who cannot tell the colours.
    return { ...common, borderWidth: 2, borderDash: DASHES[Math.floor(place / 2) % DASHES.length], pointRadius: few ? 2 : 0, pointHitRadius: 8, tension: 0, spanGaps: false };
  });
}

function options(data, colours) {
  const stacked = data.type === "stacked";
  const unit = data.unit ? ` ${data.unit}` : "";
  const format = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
  const ticks = { color: colours.text, font: { size: 12 } };
  const of = { stacked, border: { color: colours.line }, grid: { display: false }, ticks: { ...ticks, maxRotation: 0, autoSkip: !data.across, autoSkipPadding: 16 } };
  const number = { stacked, beginAtZero: true, border: { display: false }, grid: { color: colours.line }, ticks: { ...ticks, maxTicksLimit: 6, callback: (value) => `${format.format(value)}${unit}` } };
  return {
    animation: false,
    maintainAspectRatio: false,
    indexAxis: data.across ? "y" : "x",
    interaction: { mode: "index", axis: data.across ? "y" : "x", intersect: false },
    scales: data.across ? { x: number, y: of } : { x: of, y: number },
    plugins: {
      legend: { display: data.series.length > 1, position: "bottom", align: "start", labels: { color: colours.strong, boxWidth: 12, boxHeight: data.type === "line" ? 0 : 12, font: { size: 12 } } },
      tooltip: { callbacks: { label: ({ dataset, raw }) => ` ${dataset.label}: ${raw === null ? "–" : `${format.format(raw)}${unit}`}` } },
    },
  };
}

function draw(figure, Chart) {
  const canvas = figure.querySelector("canvas");
  if (!canvas) return;
  const data = JSON.parse(figure.dataset.chart);
  const colours = palette();
  drawn.get(figure)?.destroy();
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  drawn.set(figure, new Chart(canvas, {
    type: data.type === "line" ? "line" : "bar",
    data: { labels: data.labels, datasets: datasets(data, colours) },
    options: options(data, colours),
  }));
}

async function drawAll(within, again = false) {
  const found = [...within.querySelectorAll("figure.chart[data-chart]")];
  if (within.matches?.("figure.chart[data-chart]")) found.push(within);
  const due = found.filter((figure) => again || !drawn.has(figure));
  if (!due.length) return;
  await import("./vendor/chart.umd.min.js"); // puts Chart on the window
  for (const figure of due) if (figure.isConnected) draw(figure, window.Chart);
}

drawAll(document.body);
document.addEventListener("htmx:load", ({ target }) => drawAll(target));
document.addEventListener("htmx:beforeCleanupElement", ({ target }) => {
  drawn.get(target)?.destroy();
  drawn.delete(target);
});
dark.addEventListener("change", () => drawAll(document.body, true));
