// Before the first paint: follow the machine when the person has not chosen light or dark.
(() => {
  const root = document.documentElement;
  const wanted = root.dataset.theme;
  const dark = wanted === "dark" || (wanted !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.bsTheme = dark ? "dark" : "light";
})();
