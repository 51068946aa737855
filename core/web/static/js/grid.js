// The grid of lines: an HTML table worked by keyboard, by pasting from a spreadsheet, and by searching products.
//
// A column: {name, label, kind: item|text|longtext|quantity|price|rate|money|choice|date|boolean|unit, editable, required, choices: [[key, label]], fixes, carries}.
// An `item` column carries an id; its text comes from `text_of` (the name of another value of the line); a pick copies `hit.values` into the line.
import { combobox } from "./combobox.js";
import { ask, make } from "./ask.js";

const NUMERIC = new Set(["quantity", "price", "rate", "money"]);
const PAGE = 200;
const copyIcon = (name) => document.getElementById(`icon-${name}`).content.cloneNode(true);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);

export class Grid {
  constructor(table, { columns, rows, blank = {}, lookup_url, texts, onChange, minimum = 1 }) {
    Object.assign(this, { table, columns, blank, minimum, lookupUrl: lookup_url, texts, onChange, page: 0, errors: new Map() });
    // A row that the areas propose has no id yet: all that it says is new.
    const proposed = (row) => columns.filter(({ name, editable }) => editable !== false && ![null, ""].includes(row[name] ?? null)).map(({ name }) => name);
    this.rows = (rows ?? []).map((row) => ({ ...row, _changed: new Set(row.id ? [] : proposed(row)) }));
    while (this.rows.length < minimum) this.rows.push(this.fresh());
    this.body = table.tBodies[0];
    this.editable = columns.filter((column) => column.editable !== false);
    this.drawHead();
    this.draw();
    table.addEventListener("keydown", (event) => this.key(event));
    table.addEventListener("input", (event) => this.typed(event.target));
    table.addEventListener("change", (event) => this.typed(event.target, true));
    table.addEventListener("paste", (event) => this.paste(event));
    table.addEventListener("click", (event) => this.pressed(event.target.closest("button[data-act]")));
    table.addEventListener("focusin", (event) => this.entered(event.target));
  }

  // ---- drawing -------------------------------------------------------------------------------
  drawHead() {
    const heads = this.columns.map((column) => {
      const must = column.required ? [make("span", { class: "must", "aria-hidden": "true" }, "*")] : [];
      return make("th", { scope: "col", role: "columnheader", class: `w-${column.kind}${NUMERIC.has(column.kind) ? " num" : ""}` }, column.label, ...must);
    });
    const number = make("th", { scope: "col", role: "columnheader", class: "pos" }, "#");
    number.setAttribute("aria-label", this.texts.row);
    this.table.tHead.replaceChildren(make("tr", { role: "row" }, number, ...heads, make("td", { class: "tail", role: "cell" })));
  }

  draw() {
    const last = Math.max(0, Math.ceil(this.rows.length / PAGE) - 1);
    this.page = Math.min(this.page, last);
    const first = this.page * PAGE;
    this.box?.remove(); this.box = null;
    this.body.replaceChildren(...this.rows.slice(first, first + PAGE).map((row, offset) => this.drawRow(row, first + offset)));
    this.drawPages(first);
    this.showErrors();
  }

  drawPages(first) {
    const place = this.table.closest("section")?.querySelector("[data-grid-pages]");
    if (!place) return;
    place.replaceChildren();
    if (this.rows.length <= PAGE) return;
    const turn = (step, label, closed) => {
      const button = make("button", { type: "button", class: "btn btn-sm", disabled: closed }, label);
      button.addEventListener("click", () => { this.page += step; this.draw(); });
      return button;
    };
    const last = Math.min(first + PAGE, this.rows.length);
    place.append(turn(-1, this.texts.previous, this.page === 0),
      fill(this.texts.page, { first: first + 1, last, all: this.rows.length }), turn(1, this.texts.next, last === this.rows.length));
  }

  drawRow(row, index) {
    const act = (name, label) => {
      const button = make("button", { type: "button", dataset: { act: name }, "aria-label": `${label} ${index + 1}`, tabindex: "-1" });
      button.append(copyIcon({ up: "up", down: "down", remove: "trash" }[name]));
      return button;
    };
    const line = make("tr", { dataset: { index }, role: "row" }, make("td", { class: "pos", role: "cell" }, String(index + 1)));
    line.append(...this.columns.map((column) => this.drawCell(row, column, index)));
    line.append(make("td", { class: "tail", role: "cell" }, act("up", this.texts.up), act("down", this.texts.down), act("remove", this.texts.remove)));
    return line;
  }

  drawCell(row, column, index) {
    const numeric = NUMERIC.has(column.kind) ? " num" : "";
    if (column.editable === false) return make("td", { class: `shown${numeric}`, role: "cell", dataset: { name: column.name, label: column.label } }, this.shown(row, column));
    const cell = make("td", { class: `w-${column.kind}${numeric}`, role: "cell", dataset: { name: column.name, label: column.label } });
    cell.append(this.drawControl(row, column, `${column.label}, ${fill(this.texts.line, { number: index + 1 })}`));
    return cell;
  }

  drawControl(row, column, label) {
    const value = row[column.name];
    if (column.kind === "choice") {
      const list = make("select", { "aria-label": label });
      for (const [key, text] of [...(column.required ? [] : [["", ""]]), ...column.choices]) list.append(new Option(text, key, false, String(key) === String(value ?? "")));
      return list;
    }
    if (column.kind === "boolean") { const box = make("input", { type: "checkbox", class: "form-check-input", "aria-label": label }); box.checked = Boolean(value); return box; }
    const input = make("input", { type: column.kind === "date" ? "date" : "text", class: numericClass(column), "aria-label": label, autocomplete: "off" });
    if (NUMERIC.has(column.kind)) input.inputMode = "decimal";
    if (column.kind === "item") { input.setAttribute("role", "combobox"); input.setAttribute("aria-expanded", "false"); input.setAttribute("aria-autocomplete", "list"); }
    input.value = this.shown(row, column);
    return input;
  }

  shown(row, column) {
    const value = row[column.kind === "item" ? column.text_of ?? column.name : column.name];
    if (column.kind === "choice" && column.editable === false) return (column.choices.find(([key]) => String(key) === String(value)) ?? ["", ""])[1];
    return value ?? "";
  }

  // Values the server computed; a cell that has the focus is left to its writer.
  receive(index, values) {
    Object.assign(this.rows[index], values);
    const line = this.body.querySelector(`tr[data-index="${index}"]`);
    if (!line) return;
    for (const cell of line.querySelectorAll("td[data-name]")) {
      const column = this.columns.find((one) => one.name === cell.dataset.name), text = this.shown(this.rows[index], column);
      const control = cell.firstElementChild;
      if (!control) cell.textContent = text;
      else if (control !== document.activeElement && control.type !== "checkbox") control.value = column.kind === "choice" ? this.rows[index][column.name] ?? "" : text;
    }
  }

  // ---- typing --------------------------------------------------------------------------------
  at(node) {
    const cell = node.closest("td[data-name]"), line = node.closest("tr[data-index]");
    return cell && line ? { index: Number(line.dataset.index), column: this.columns.find((one) => one.name === cell.dataset.name) } : null;
  }

  typed(control, finished = false) {
    const here = this.at(control);
    if (!here || here.column.kind === "item") return;
    const text = control.type === "checkbox" ? control.checked : plain(control.value, here.column);
    if (finished && String(this.rows[here.index][here.column.name] ?? "") === String(text ?? "")) return;
    this.put(here.index, here.column, text);
  }

  put(index, column, value) {
    this.set(this.rows[index], column, value);
    this.errors.delete(`${index}/${column.name}`);
    this.showErrors();
    this.onChange(index, column);
  }

  fresh() { return { ...this.blank, _changed: new Set(Object.keys(this.blank)) }; }

  // What a person wrote; of the figures that hang together the last one written counts.
  set(row, column, value) {
    row[column.name] = value;
    if (column.fixes) for (const one of this.columns) if (one.fixes) row._changed.delete(one.name);
    row._changed.add(column.name);
    if (column.fixes) { row.fixed = value === null || value === "" ? null : column.fixes; if (!row.fixed) row._changed.delete(column.name); }
  }

  // A product was chosen: its name, unit and price are the server's to say.
  choose(row, column, hit) {
    for (const one of this.columns) if (one.fixes || ["tax_rate_id", "unit", "specification"].includes(one.name)) row._changed.delete(one.name);
    Object.assign(row, { [column.name]: hit.id, fixed: null, ...(hit.values ?? {}) });
    if (column.text_of) row[column.text_of] = hit.text ?? hit.label;
    row._changed.add(column.name);
    if (hit.id === null && column.text_of) row._changed.add(column.text_of);
  }

  // One search box lives in the product cell that has the focus.
  entered(input) {
    const here = this.at(input);
    if (!here || here.column.kind !== "item" || input.dataset.searching) return;
    input.dataset.searching = "1";
    const { index, column } = here;
    const pick = (hit) => {
      this.choose(this.rows[index], column, hit);
      this.errors.delete(`${index}/${column.name}`);
      this.receive(index, {});
      this.onChange(index, column);
    };
    const box = combobox(input, { url: column.lookup_url ?? this.lookupUrl, float: true, free: column.free ? this.texts.free : "", textNone: this.texts.none, onPick: pick, onClear: () => this.put(index, column, null) });
    input.addEventListener("blur", () => setTimeout(box.close, 150));
  }

  // ---- keyboard ------------------------------------------------------------------------------
  key(event) {
    const here = this.at(event.target);
    if (!here || event.isComposing) return;
    const { index } = here, name = here.column.name, control = event.target;
    const atStart = control.selectionStart === 0 && control.selectionEnd === 0;
    const atEnd = control.selectionStart === (control.value ?? "").length;
    const go = (row, column) => { event.preventDefault(); this.focus(row, column); };
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) { this.move(index, event.key === "ArrowUp" ? -1 : 1); go(Math.min(Math.max(index + (event.key === "ArrowUp" ? -1 : 1), 0), this.rows.length - 1), name); }
    else if (event.key === "Enter") { if (index === this.rows.length - 1) this.add(index + 1); go(index + 1, event.shiftKey ? name : this.nextRowColumn(name)); }
    else if (event.key === "ArrowDown" && control.tagName !== "SELECT" && control.type !== "date") go(index + 1, name);
    else if (event.key === "ArrowUp" && control.tagName !== "SELECT" && control.type !== "date") go(index - 1, name);
    else if (event.key === "ArrowRight" && (atEnd || control.selectionStart === null) && control.type !== "date" && control.tagName !== "SELECT") go(index, this.neighbour(name, 1));
    else if (event.key === "ArrowLeft" && (atStart || control.selectionStart === null) && control.type !== "date" && control.tagName !== "SELECT") go(index, this.neighbour(name, -1));
    else if (event.key === "Delete" && event.ctrlKey) { event.preventDefault(); this.remove(index); this.focus(Math.min(index, this.rows.length - 1), name); }
  }

  nextRowColumn() { return this.editable[0].name; }

  neighbour(name, step) {
    const order = this.editable.map((column) => column.name);
    return order[Math.min(Math.max(order.indexOf(name) + step, 0), order.length - 1)];
  }

  focus(index, name) {
    if (index < 0 || index >= this.rows.length) return;
    if (Math.floor(index / PAGE) !== this.page) { this.page = Math.floor(index / PAGE); this.draw(); }
    const control = this.body.querySelector(`tr[data-index="${index}"] td[data-name="${name}"]`)?.firstElementChild;
    control?.focus();
    if (control?.select) control.select();
  }

  // ---- whole lines ---------------------------------------------------------------------------
  add(at = this.rows.length) {
    this.rows.splice(at, 0, this.fresh());
    this.shiftErrors(at, 1);
    this.draw();
    this.onChange(at, null);
  }

  remove(index) {
    this.rows.splice(index, 1);
    this.shiftErrors(index, -1);
    while (this.rows.length < this.minimum) this.rows.push(this.fresh());
    this.draw();
    this.onChange(index, null);
  }

  move(index, step) {
    const to = index + step;
    if (to < 0 || to >= this.rows.length) return;
    [this.rows[index], this.rows[to]] = [this.rows[to], this.rows[index]];
    this.errors.clear();
    this.draw();
    this.onChange(to, null);
    this.body.querySelector(`tr[data-index="${to}"] [data-act="${step < 0 ? "up" : "down"}"]`)?.focus();
  }

  pressed(button) {
    if (!button) return;
    const index = Number(button.closest("tr").dataset.index);
    if (button.dataset.act === "remove") this.remove(index);
    else this.move(index, button.dataset.act === "up" ? -1 : 1);
  }

  // ---- pasting a block -----------------------------------------------------------------------
  async paste(event) {
    const here = this.at(event.target), text = event.clipboardData.getData("text/plain");
    if (!here || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const block = text.replace(/\r/g, "").replace(/\n+$/, "").split("\n").map((line) => line.split("\t"));
    const from = this.editable.indexOf(here.column), unknown = [];
    // Two columns of which the second are figures: what, and how many.
    const pairs = here.column.kind === "item" && block.every((row) => row.length === 2 && /^[\d.,]+$/.test(row[1].trim()));
    const quantity = this.editable.find((one) => one.name === "quantity");
    for (const [offset, values] of block.entries()) {
      const index = here.index + offset;
      if (index >= this.rows.length) this.rows.push(this.fresh());
      for (const [across, raw] of values.entries()) {
        const column = pairs && across === 1 ? quantity : this.editable[from + across];
        if (!column) break;
        if (column.kind === "item") { if (!await this.pasteItem(index, column, raw.trim())) unknown.push([index, column, raw.trim()]); }
        else this.pasteValue(index, column, raw.trim());
      }
    }
    for (const [index, column, raw] of unknown) if (raw) this.errors.set(`${index}/${column.name}`, fill(this.texts.unknown, { text: raw }));
    this.draw();
    this.onChange(here.index, null, fill(this.texts.pasted, { count: block.length }));
    this.focus(here.index, here.column.name);
  }

  pasteValue(index, column, raw) {
    const row = this.rows[index];
    if (column.kind === "choice") this.set(row, column, (column.choices.find(([key, label]) => [String(key), label].includes(raw)) ?? [row[column.name]])[0]);
    else if (column.kind === "boolean") this.set(row, column, /^(1|y|yes|true|是|√)$/i.test(raw));
    else this.set(row, column, plain(raw, column));
  }

  async pasteItem(index, column, raw) {
    if (!raw) return true;
    const address = new URL(column.lookup_url ?? this.lookupUrl, location.href);
    address.searchParams.set("q", raw);
    const { json } = await ask(address);
    const items = json.items ?? [];
    const hit = items.find((one) => one.code === raw || one.label === raw || one.text === raw) ?? (items.length === 1 ? items[0] : null);
    if (!hit) return false;
    this.choose(this.rows[index], column, hit);
    return true;
  }

  // ---- what is wrong -------------------------------------------------------------------------
  setErrors(list) { this.errors = new Map(list); this.draw(); }

  shiftErrors(at, by) {
    const moved = new Map();
    for (const [key, message] of this.errors) {
      const [index, name] = key.split("/");
      if (by < 0 && Number(index) === at) continue;
      moved.set(`${Number(index) >= at ? Number(index) + by : index}/${name}`, message);
    }
    this.errors = moved;
  }

  showErrors() {
    for (const cell of this.body.querySelectorAll("td.bad")) { cell.classList.remove("bad"); cell.removeAttribute("title"); cell.firstElementChild?.removeAttribute("aria-invalid"); cell.firstElementChild?.removeAttribute("aria-description"); }
    for (const [key, message] of this.errors) {
      const [index, name] = key.split("/");
      const cell = this.body.querySelector(`tr[data-index="${index}"] td[data-name="${CSS.escape(name)}"]`);
      if (!cell) continue;
      cell.classList.add("bad"); cell.title = message;
      cell.firstElementChild?.setAttribute("aria-invalid", "true");
      cell.firstElementChild?.setAttribute("aria-description", message);
    }
  }

  // Lines nobody wrote anything into are not sent; the server's positions are mapped back.
  filled() {
    const written = (row) => row.id || [...row._changed].some((name) => !(name in this.blank));
    return this.rows.map((row, index) => ({ row, index })).filter(({ row }) => written(row));
  }

  // What is sent of the lines: the whole of new ones as far as it was written, the changes of the others.
  sent() {
    return this.filled().map(({ row }) => {
      const line = row.id ? { id: row.id } : {};
      for (const name of row._changed) {
        const column = this.columns.find((one) => one.name === name);
        const value = row[name];
        if (column?.number) line[name] = value === "" || value === null ? null : Number(value);
        else if (column?.percent) line[name] = share(value);
        else if (column && NUMERIC.has(column.kind) && (value === null || value === "")) { if (!row.id) continue; line[name] = "0"; }
        else line[name] = value ?? (column && ["item", "date"].includes(column.kind) ? null : "");
      }
      if (row.fixed && row._changed.has(row.fixed)) line.fixed = row.fixed;
      return line;
    });
  }
}

// 13 per cent are 0.13; done on the digits, since a share must stay exact.
export function share(text) {
  if (text === null || text === "" || text === undefined) return "0";
  const [, sign, whole, rest = ""] = /^(-?)(\d*)(?:\.(\d*))?$/.exec(String(text)) ?? [];
  if (whole === undefined) return String(text);
  const digits = whole.padStart(3, "0");
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}${rest}`;
}

function numericClass(column) { return NUMERIC.has(column.kind) ? "num" : ""; }

function plain(text, column) {
  if (!NUMERIC.has(column.kind)) return text === "" ? null : text;
  const narrow = text.replace(/[０-９．，－％]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
  const bare = narrow.replace(/[,\s¥￥%]/g, "");
  return bare === "" ? null : bare;
}
