// How the screens talk to the server: JSON, the request token, and one shape of trouble (problem+json).

export const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

export async function ask(url, { method = "GET", body, headers = {}, signal } = {}) {
  const answer = await fetch(url, {
    method, signal, credentials: "same-origin",
    headers: {
      Accept: "application/json", "X-CSRFToken": token(),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
  return { status: answer.status, ok: answer.ok, etag: answer.headers.get("ETag"), json: isJson && text ? JSON.parse(text) : {} };
}

export function later(action, wait = 180) {
  let timer;
  return (...values) => { clearTimeout(timer); timer = setTimeout(() => action(...values), wait); };
}

export function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key === "dataset") Object.assign(node.dataset, value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

export function tell(text, tone = "info") {
  const box = document.getElementById("toasts");
  const close = make("button", { type: "button", class: "btn-close", "aria-label": "×" });
  const note = make("div", { class: `note note-${tone}` }, make("span", {}, text), close);
  close.addEventListener("click", () => note.remove());
  box?.append(note);
  if (tone === "good" || tone === "info") setTimeout(() => note.remove(), 5000);
}
