// Runs before the page is drawn: the reader's theme and language, so that nothing flashes. Storage may be denied.
(() => {
  "use strict";
  const read = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const root = document.documentElement;
  const theme = read("acuomics-theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const language = read("acuomics-language");
  root.dataset.language = language === "zh" ? "zh" : "en";
  if (language === "zh") root.lang = "zh-CN";
  window.acuomics = {
    read,
    keep: (key, value) => { try { localStorage.setItem(key, value); } catch { /* the choice holds for this page */ } },
    // Whatever must be drawn anew when theme or language change.
    onTheme: [],
    onLanguage: [],
    up: () => document.body.dataset.up,
    dark: () => root.dataset.theme === "dark" || (root.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches),
    escape: (text) => String(text).replace(/[&<>"']/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[letter]),
  };
})();
