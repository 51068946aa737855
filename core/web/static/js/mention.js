// Calling somebody in a comment: behind an @ the people of the company are offered, by the arrows, Enter or a click.
import { ask, later, make } from "./ask.js";

const CALL = /(^|[^A-Za-z0-9._-])@([^\s@]{0,30})$/;

export function mentions(area) {
  const list = area.parentElement.appendChild(make("ul", { class: "combo-list", role: "listbox", id: `${area.id}-people`, hidden: true, "aria-label": area.dataset.peopleLabel }));
  area.setAttribute("aria-controls", list.id);
  let hits = [], chosen = 0, running = null;
  const typed = () => CALL.exec(area.value.slice(0, area.selectionStart))?.[2];
  const close = () => { list.hidden = true; area.removeAttribute("aria-activedescendant"); };
  const choose = (index) => {
    chosen = index;
    [...list.children].forEach((node, at) => node.setAttribute("aria-selected", String(at === index)));
    area.setAttribute("aria-activedescendant", list.children[index].id);
    list.children[index].scrollIntoView({ block: "nearest" });
  };
  const pick = (hit) => {
    const at = area.selectionStart, begin = at - (typed()?.length ?? 0);
    area.setRangeText(`${hit.label} `, begin, at, "end");
    close(); area.focus();
  };
  const search = async () => {
    const word = typed();
    if (word === undefined) { close(); return; }
    running?.abort(); running = new AbortController();
    try {
      const address = new URL(area.dataset.people, location.href);
      address.searchParams.set("q", word);
      hits = ((await ask(address, { signal: running.signal })).json.items ?? []).slice(0, 8);
      list.replaceChildren(...hits.map((hit, at) => {
        const row = make("li", { class: "hit", role: "option", id: `${list.id}-${at}`, "aria-selected": "false" }, make("span", {}, hit.label), ...(hit.note ? [make("span", { class: "hit-note" }, hit.note)] : []));
        row.addEventListener("mousedown", (event) => { event.preventDefault(); pick(hit); });
        return row;
      }));
      list.hidden = !hits.length || document.activeElement !== area;
      if (!list.hidden) choose(0);
    } catch (trouble) { if (trouble.name !== "AbortError") close(); }
  };
  area.addEventListener("input", later(search, 140));
  area.addEventListener("blur", () => setTimeout(close, 120));
  area.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); choose((chosen + step + hits.length) % hits.length); }
    else if (event.key === "Enter" || event.key === "Tab") { event.preventDefault(); pick(hits[chosen]); }
    else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); }
  });
}
