// The form of a document or a master: header and lines in one page, saved whole by one request.
import { ask, later, make, tell } from "./ask.js";
import { references } from "./combobox.js";
import { Grid, share } from "./grid.js";

const form = document.getElementById("document-form");
const data = JSON.parse(document.getElementById("document-data").textContent);
const texts = JSON.parse(document.getElementById("document-texts").textContent);
const state = form.querySelector("[data-save-state]"), problems = form.querySelector("[data-problems]");
const grids = new Map();
let version = data.version, dirty = false, saving = false, key = crypto.randomUUID(), turn = 0, stale = null;

// ---- reading what was typed --------------------------------------------------------------------
function header() {
  const values = {};
  for (const input of form.querySelectorAll("[data-field] [name]")) {
    if (input.disabled) continue;
    if (input.dataset.kind === "boolean") values[input.name] = input.checked;
    else if (["reference", "key"].includes(input.dataset.kind)) values[input.name] = input.value === "" ? null : Number(input.value);
    else if (input.dataset.kind === "date") values[input.name] = input.value || null;
    else if (input.dataset.kind === "percent") values[input.name] = input.value.trim() === "" ? "0" : share(input.value.trim().replace("%", ""));
    else if (input.classList.contains("num")) values[input.name] = input.value.replace(/[,\s¥￥]/g, "") || null;
    else values[input.name] = input.value;
  }
  return values;
}

function whole() {
  const values = { ...data.keep, ...header() };
  for (const [name, grid] of grids) values[name] = grid.sent();
  return values;
}

// ---- totals while typing -----------------------------------------------------------------------
const preview = later(async () => {
  const mine = ++turn, filled = new Map([...grids].map(([name, grid]) => [name, grid.filled()]));
  try {
    const answer = await ask(data.preview_url, { method: "POST", body: whole() });
    if (mine !== turn || !answer.ok) return;
    for (const [name, rows] of Object.entries({ ...answer.json.parts, lines: answer.json.lines ?? [] })) {
      for (const [at, values] of rows.entries()) {
        const index = grids.get(name)?.rows.indexOf(filled.get(name)[at]?.row) ?? -1;
        if (index >= 0) grids.get(name).receive(index, values);
      }
    }
    totals(answer.json);
  } catch { state.textContent = texts.failed; }
}, 220);

function totals({ totals: items = [], words }) {
  const place = form.querySelector("[data-totals]");
  if (!place) return;
  place.replaceChildren(...items.flatMap((one) => [make("dt", { class: one.strong ? "strong" : "" }, one.label), make("dd", { class: one.strong ? "strong" : "" }, one.value)]));
  form.querySelector("[data-words]").textContent = words ? `${texts.words} ${words}` : "";
}

function changed() {
  if (!dirty) { dirty = true; state.textContent = texts.unsaved; }
  if (data.preview_url) preview();
}

// ---- saying what is wrong ----------------------------------------------------------------------
function field(name) { return form.querySelector(`[data-field="${CSS.escape(name)}"]`); }

function forget(box) {
  box.classList.remove("has-error");
  const note = box.querySelector(".field-error");
  if (note) { note.className = "field-help"; note.textContent = note.dataset.help; }
  box.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
}

function mark(errors, detail) {
  for (const box of form.querySelectorAll(".has-error")) forget(box);
  const cells = new Map([...grids.keys()].map((name) => [name, []])), list = problems.querySelector("ul");
  list.replaceChildren();
  for (const { path = "", message } of errors) {
    const [part, at, ...rest] = String(path).split("/");
    const grid = grids.get(part);
    if (grid && at !== undefined) {
      const index = grid.filled()[Number(at)]?.index ?? Number(at), name = rest.join("/") || grid.editable[0].name;
      cells.get(part).push([`${index}/${name}`, message]);
      const link = make("a", { href: `#grid` }, `${texts.line.replace("{number}", index + 1)}: ${message}`);
      link.addEventListener("click", (event) => { event.preventDefault(); grid.focus(index, name); });
      list.append(make("li", {}, link));
    } else {
      const box = field(part);
      if (box) {
        box.classList.add("has-error");
        box.closest("details")?.setAttribute("open", "");
        const note = box.querySelector(".field-help, .field-error");
        note.className = "field-error"; note.textContent = message;
        box.querySelector(".form-control, .form-select, .form-check-input")?.setAttribute("aria-invalid", "true");
      }
      list.append(make("li", {}, box ? make("a", { href: `#f-${part}` }, message) : message));
    }
  }
  if (!errors.length && detail) list.append(make("li", {}, detail));
  for (const [name, found] of cells) grids.get(name).setErrors(found);
  problems.hidden = false;
  problems.scrollIntoView({ block: "center" });
}

// ---- saving ------------------------------------------------------------------------------------
async function save() {
  if (saving) return;
  saving = true; state.textContent = texts.saving; form.querySelector("[data-save]").disabled = true;
  const headers = { "Idempotency-Key": key, ...(version ? { "If-Match": `"${version}"` } : {}) };
  try {
    const answer = await ask(data.save_url, { method: data.method, body: whole(), headers });
    if (answer.ok) { dirty = false; state.textContent = texts.saved; location.assign(answer.json.url ?? data.done_url); return; }
    key = crypto.randomUUID();
    if (answer.status === 412 || (answer.status === 409 && answer.json.current)) await conflict(answer.json);
    else { state.textContent = texts.unsaved; mark(answer.json.errors ?? [], answer.json.detail ?? answer.json.title ?? texts.failed); }
  } catch { state.textContent = texts.failed; tell(texts.failed, "bad"); }
  saving = false; form.querySelector("[data-save]").disabled = false;
}

// ---- somebody else was faster ------------------------------------------------------------------
async function conflict(problem) {
  stale = problem.current ?? (await ask(data.current_url ?? data.save_url)).json;
  const mine = whole(), rows = [];
  const note = (label, left, right) => { if (String(left ?? "") !== String(right ?? "")) rows.push([label, left, right]); };
  for (const box of form.querySelectorAll("[data-field]")) {
    const name = box.dataset.field, label = box.querySelector("label")?.textContent.replace("*", "").trim() ?? name;
    const mineText = box.querySelector("[role=combobox]")?.value ?? box.querySelector("select")?.selectedOptions[0]?.text ?? mine[name];
    if (name in stale && String(stale[name] ?? "") !== String(mine[name] ?? "")) rows.push([label, mineText, stale.texts?.[name] ?? stale[name]]);
  }
  for (const [part, grid] of grids) {
    const theirs = stale[part] ?? [], ours = grid.filled().map(({ row }) => row);
    const known = new Map(theirs.filter((line) => line.id).map((line) => [line.id, line]));
    for (const [at, line] of ours.entries()) {
      const other = line.id ? known.get(line.id) : null;
      known.delete(line.id);
      for (const column of grid.editable) if (column.kind !== "item") note(`${texts.line.replace("{number}", at + 1)} · ${column.label}`, line[column.name], other ? other[column.name] : texts.removed);
    }
    for (const line of known.values()) rows.push([texts.line.replace("{number}", line.position ?? "+"), texts.removed, line.item_name ?? line.name ?? line.id]);
  }
  const dialog = document.getElementById("stale");
  dialog.querySelector("[data-stale-rows]").replaceChildren(...rows.map((row) => make("tr", { class: "changed" }, ...row.map((value) => make("td", {}, String(value ?? "–"))))));
  state.textContent = texts.unsaved;
  dialog.showModal();
}

document.getElementById("stale").addEventListener("click", (event) => {
  const choice = event.target.closest("[data-stale]")?.dataset.stale;
  if (choice === "theirs") { dirty = false; location.reload(); }
  if (choice === "mine") { version = stale.version; event.currentTarget.close(); save(); }
});

// ---- starting ----------------------------------------------------------------------------------
const shared = { texts, lookup_url: data.lookup_url };
const main = document.getElementById("grid");
if (main) grids.set("lines", new Grid(main, { ...shared, columns: data.columns, rows: data.lines, blank: data.blank, onChange: (_index, _column, said) => { changed(); if (said) tell(said, "good"); } }));
for (const table of form.querySelectorAll("[data-part]")) grids.set(table.dataset.part, new Grid(table, { ...shared, ...data.parts[table.dataset.part], minimum: 0, onChange: changed }));
totals(data);
references(form, texts.none);
form.addEventListener("submit", (event) => { event.preventDefault(); event.stopPropagation(); save(); });
form.addEventListener("change", (event) => { const box = event.target.closest("[data-field]"); if (box) { forget(box); changed(); } });
form.addEventListener("input", (event) => { if (event.target.closest("[data-field]") && event.target.role !== "combobox") changed(); });
form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add-line]");
  if (!button) return;
  const grid = grids.get(button.dataset.addLine || "lines");
  grid.add();
  grid.focus(grid.rows.length - 1, grid.editable[0].name);
});
form.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.closest("[data-field]") && event.target.tagName === "INPUT") event.preventDefault(); });
document.addEventListener("keydown", (event) => { if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") { event.preventDefault(); save(); } });
window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
(form.querySelector(".fields .form-control:not([readonly])") ?? main?.querySelector("input"))?.focus({ preventScroll: true });
if (data.preview_url && !data.totals) preview();
