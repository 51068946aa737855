// A combobox after the ARIA pattern: type, choose with arrows and Enter, or click; the server does the searching.
import { ask, later, make } from "./ask.js";

let count = 0;

export function combobox(input, { url, list, onPick, onClear, float = false, textNone = "", allowText = false, free = "" }) {
  const floating = list ?? document.body.appendChild(make("ul", { class: "combo-list afloat", role: "listbox", id: `combo-${++count}`, hidden: true, "aria-label": input.getAttribute("aria-label") ?? "" }));
  input.setAttribute("aria-controls", floating.id);
  let hits = [], chosen = -1, running = null, picked = input.value;

  const place = () => {
    if (!float) return;
    const box = input.getBoundingClientRect(), below = innerHeight - box.bottom;
    const top = below < 220 && box.top > below ? Math.max(8, box.top - floating.offsetHeight - 4) : box.bottom + 2;
    floating.style.transform = `translate(${Math.min(box.left, innerWidth - floating.offsetWidth - 8)}px, ${top}px)`;
  };
  const close = () => { floating.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); chosen = -1; };
  const choose = (index) => {
    chosen = index;
    [...floating.children].forEach((node, at) => node.setAttribute("aria-selected", String(at === index)));
    const node = floating.children[index];
    if (node) { input.setAttribute("aria-activedescendant", node.id); node.scrollIntoView({ block: "nearest" }); }
  };
  const pick = (hit) => { input.value = hit.text ?? hit.label; picked = input.value; close(); onPick(hit); };
  const show = () => {
    floating.replaceChildren(...hits.map((hit, at) => {
      const row = make(hit.url ? "a" : "li", { class: "hit", role: "option", id: `${floating.id}-${at}`, "aria-selected": "false", href: hit.url, tabindex: "-1" },
        ...(hit.code ? [make("span", { class: "hit-code" }, hit.code)] : []), make("span", {}, hit.label), ...(hit.note ? [make("span", { class: "hit-note" }, hit.note)] : []));
      row.addEventListener("mousedown", (event) => { if (!hit.url) { event.preventDefault(); pick(hit); } });
      return row;
    }));
    if (!hits.length) floating.append(make("li", { class: "hit-none", role: "option", "aria-disabled": "true", "aria-selected": "false" }, textNone));
    floating.hidden = false; input.setAttribute("aria-expanded", "true");
    if (hits.length) choose(0);
    place();
  };
  const search = async () => {
    running?.abort(); running = new AbortController();
    try {
      const address = new URL(url, location.href);
      address.searchParams.set("q", input.value.trim());
      const answer = await ask(address, { signal: running.signal });
      hits = answer.json.items ?? [];
      const typed = input.value.trim();
      if (free && typed) hits.push({ id: null, text: typed, label: free.replace("{text}", typed), values: {} });
      if (document.activeElement === input) show();
    } catch (trouble) { if (trouble.name !== "AbortError") close(); }
  };
  const soon = later(search, 140);

  input.addEventListener("input", () => { if (!input.value.trim() && onClear) { picked = ""; onClear(); } soon(); });
  input.addEventListener("keydown", (event) => {
    const open = !floating.hidden;
    if (event.key === "ArrowDown" && (open || event.altKey || !float)) { event.preventDefault(); event.stopPropagation(); if (open) choose(Math.min(chosen + 1, hits.length - 1)); else search(); }
    else if (event.key === "ArrowUp" && open) { event.preventDefault(); event.stopPropagation(); choose(Math.max(chosen - 1, 0)); }
    else if (event.key === "Enter" && open && hits[chosen]) { event.preventDefault(); event.stopPropagation(); hits[chosen].url ? location.assign(hits[chosen].url) : pick(hits[chosen]); }
    else if (event.key === "Escape" && open) { event.preventDefault(); event.stopPropagation(); close(); }
    else if (event.key === "Tab" && open && hits[chosen] && input.value !== picked && input.value.trim() && !hits[chosen].url) pick(hits[chosen]);
  });
  input.addEventListener("blur", () => { setTimeout(close, 120); if (!allowText && input.value !== picked) input.value = input.value.trim() ? picked : ""; });
  return { close, remove: () => { running?.abort(); if (!list) floating.remove(); } };
}

export function references(root, textNone) {
  for (const box of root.querySelectorAll("[data-combo]")) {
    const [hidden, input, list] = [box.querySelector("input[type=hidden]"), box.querySelector("input[type=text]"), box.querySelector("ul")];
    if (input.readOnly) continue;
    const set = (value, hit) => { hidden.value = value; hidden.dispatchEvent(new CustomEvent("change", { bubbles: true, detail: hit })); };
    combobox(input, { url: box.dataset.lookup, list, textNone, onPick: (hit) => set(hit.id, hit), onClear: () => set("") });
  }
}
