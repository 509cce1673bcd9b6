const LOOK = 5000;

function isRead() {
  const open = document.querySelector(".explored, details[open]");
  return Boolean(open) || String(getSelection()).length > 0;
}

function offer(bar) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "explore";
  button.textContent = "Newer results: show them";
  button.addEventListener("click", () => location.reload());
  bar.replaceChildren(button);
}

async function look(bar, state) {
  let tag;
  try {
    const answer = await fetch(location.pathname, { method: "HEAD", cache: "no-store" });
    tag = answer.ok ? answer.headers.get("ETag") : null;
  } catch {
    tag = null;
  }
  if (tag === null) bar.textContent = "The dashboard does not answer; this page waits for it.";
  else if (tag === `"${bar.dataset.tag}"`) bar.textContent = state;
  else if (!isRead()) location.reload();
  else if (!bar.querySelector("button")) offer(bar);
}

const bar = document.getElementById("live");
if (bar) {
  const state = bar.textContent;
  setInterval(() => document.hidden || look(bar, state), LOOK);
}
