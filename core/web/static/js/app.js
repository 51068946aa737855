// What every screen can do: search by Ctrl+K, dialogs, confirmations, theme, messages, tabs, and no lost typing.
import { combobox, references } from "./combobox.js";
import { tell } from "./ask.js";
import { mentions } from "./mention.js";

const body = document.body, root = document.documentElement;

// Search over everything.
const search = document.getElementById("search");
if (search) {
  combobox(search, { url: search.dataset.search, list: document.getElementById("search-hits"), onPick: () => {}, allowText: true, textNone: search.dataset.none ?? "–" });
  if (/Mac|iP(hone|ad)/.test(navigator.userAgent)) document.querySelector("[data-shortcut]").textContent = "⌘ K";
}
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && search) { event.preventDefault(); search.focus(); search.select(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
  const link = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (link) { event.preventDefault(); link.click(); }
});

// Dialogs, and a question before what cannot be taken back lightly.
let asked = null;
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) { document.getElementById(opener.dataset.dialog)?.showModal(); return; }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  const closed = event.target.closest("button[aria-disabled=true], a[aria-disabled=true]");
  if (closed) { event.preventDefault(); if (closed.title) tell(closed.title, "warn"); }
  if (event.target.closest("[data-note-close]")) event.target.closest("[data-note]").remove();
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && asked !== form) {
    event.preventDefault();
    const dialog = document.getElementById("ask"), button = event.submitter;
    dialog.querySelector("[data-ask-text]").textContent = question;
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => { if (dialog.returnValue === "yes") { asked = form; form.requestSubmit(button); asked = null; } }, { once: true });
    dialog.showModal();
    return;
  }
  if (form.method === "post" && !("again" in form.dataset)) {
    delete form.dataset.dirty;
    setTimeout(() => { for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = true; });
  }
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const button of document.querySelectorAll("form[method=post] button:disabled")) button.disabled = false;
});

// All rows of a list at once.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) for (const box of event.target.closest("form").querySelectorAll("[name=id], [name=take]")) box.checked = event.target.checked;
});

// Fields that are asked for only by what was chosen beside them.
const shown = (group) => {
  const chosen = new Set([...group.querySelectorAll("select")].filter((one) => !one.closest("[data-shown-for][hidden]")).map((one) => one.value));
  for (const part of group.querySelectorAll("[data-shown-for]")) part.hidden = !part.dataset.shownFor.split(" ").some((one) => chosen.has(one));
};
for (const group of document.querySelectorAll("[data-shows]")) { shown(group); shown(group); group.addEventListener("change", () => { shown(group); shown(group); }); }

// Plain forms that must not be left by accident.
document.addEventListener("input", (event) => { const form = event.target.closest("form[data-guard]"); if (form) form.dataset.dirty = "1"; });
window.addEventListener("beforeunload", (event) => { if (document.querySelector("form[data-dirty]")) event.preventDefault(); });

// Light or dark, remembered for this machine; the server reads the cookie.
document.querySelector("[data-theme-toggle]")?.addEventListener("click", () => {
  const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  root.dataset.bsTheme = theme;
  document.cookie = `zhanggui_theme=${theme}; path=/; max-age=31536000; samesite=lax`;
});

for (const dialog of document.querySelectorAll("dialog[data-open]")) dialog.showModal();

// Tabs by mouse and arrow keys; the open one stays in the address.
for (const bar of document.querySelectorAll("[data-tabs]")) {
  const tabs = [...bar.querySelectorAll("[role=tab]")];
  const open = (tab, focus) => {
    for (const one of tabs) {
      const mine = one === tab;
      one.setAttribute("aria-selected", String(mine)); one.tabIndex = mine ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls")).hidden = !mine;
    }
    if (focus) tab.focus();
    history.replaceState(history.state, "", `#${tab.id.slice(4)}`);
  };
  bar.addEventListener("click", (event) => { const tab = event.target.closest("[role=tab]"); if (tab) open(tab); });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) { event.preventDefault(); open(tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length], true); }
  });
  const wanted = tabs.find((tab) => tab.id === `tab-${location.hash.slice(1)}`);
  if (wanted) open(wanted);
}

for (const area of document.querySelectorAll("textarea[data-people]")) mentions(area);
if (!document.getElementById("document-form")) references(document, "–");
setTimeout(() => { for (const note of document.querySelectorAll(".note-good[data-note]")) note.remove(); }, 6000);
document.addEventListener("htmx:responseError", () => tell(body.dataset.textFailed, "bad"));
document.addEventListener("htmx:sendError", () => tell(body.dataset.textFailed, "bad"));
document.getElementById("menu")?.querySelector(".active")?.scrollIntoView({ block: "nearest" });
// Of what scrolls sideways, the part one is at.
for (const here of document.querySelectorAll("[aria-current=step], [role=tab][aria-selected=true]")) {
  const bar = here.parentElement;
  bar.scrollLeft = here.offsetLeft - bar.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;
}
