
const OPTIONS = {
  displaylogo: false,
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
  responsive: true,
};

let plotly;

async function load() {
  const text = document.getElementById("plotly").textContent;
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(stream).text();
  document.head.append(script);
}

function wrapped(text, most) {
  const lines = [""];
  for (const word of text.replaceAll("<br>", " ").split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length > most) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.join("<br>");
}

function painted(text) {
  const style = getComputedStyle(document.documentElement);
  for (const [color, name] of Object.entries(COLORS)) {
    const own = style.getPropertyValue(`--${name}`).trim();
    text = text.replaceAll(JSON.stringify(color), JSON.stringify(own));
  }
  return JSON.parse(text);
}

async function explore(figure, button) {
  const live = figure.querySelector(".live");
  const isLive = button.getAttribute("aria-pressed") === "true";
  if (!isLive) {
    await (plotly ??= load());
    figure.classList.add("explored");
    const { data, layout } = painted(figure.querySelector("script").textContent);
    const width = figure.querySelector(".card").clientWidth;
    const ink = getComputedStyle(figure).color;
    Object.assign(layout, { height: Math.min(640, Math.max(440, 0.66 * width)), font: { color: ink, size: 12 } });
    Object.assign(layout, { paper_bgcolor: "transparent", plot_bgcolor: "transparent" });
    layout.title.text = wrapped(layout.title.text, (width - 70) / 7);
    layout.margin.t = 46 + 16 * layout.title.text.split("<br>").length;
    live.hidden = false;
    await Plotly.newPlot(live, data, layout, OPTIONS);
  } else {
    Plotly.purge(live);
    live.hidden = true;
    figure.classList.remove("explored");
  }
  button.setAttribute("aria-pressed", String(!isLive));
}

if ("DecompressionStream" in window && document.getElementById("plotly")) {
  for (const button of document.querySelectorAll(".explore")) {
    button.hidden = false;
    button.addEventListener("click", () => explore(button.closest("figure"), button));
  }
}

function reveal() {
  const found = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = found?.closest("details");
  if (details) {
    details.open = true;
    found.scrollIntoView();
  }
}
addEventListener("hashchange", reveal);
reveal();
