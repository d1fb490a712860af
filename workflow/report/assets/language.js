// Puts the words of the interface into the chosen language. Every such element carries its key (data-t); attributes
// carry theirs in data-t-<attribute>, and what stands in their places in data-given. Words from data are left alone.
(() => {
  "use strict";
  const page = window.acuomics;
  const words = window.acuomicsWords;
  const root = document.documentElement;
  const ATTRIBUTES = ["title", "aria-label", "placeholder", "data-head"];

  const fill = (key, given, language) => {
    const text = words[language][key] ?? words.en[key];
    return text === undefined ? undefined : text.replace(/\{(\w+)\}/g, (place, name) => {
      const value = given[name] ?? place;
      return value.startsWith("@") && words[language][value.slice(1)] !== undefined ? words[language][value.slice(1)] : value;
    });
  };
  page.language = () => root.dataset.language;
  // Plain text of a key in the present language.
  page.say = (key, given = {}) => (fill(key, Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)])), page.language()) ?? key).replaceAll("**", "");
  page.knows = (key) => key in words.en;
  const byEnglish = new Map(Object.entries(words.en).map(([key, text]) => [text, key]).reverse());
  // A text that may be one of the interface.
  page.phrase = (text) => (byEnglish.has(text) ? page.say(byEnglish.get(text)) : text);

  const givenOf = (element) => (element.dataset.given ? JSON.parse(element.dataset.given) : {});
  const markup = (text) => page.escape(text).replace(/\*\*(.+?)\*\*/g, "<strong>$1</strong>");
  page.translate = (within = document) => {
    const language = page.language();
    for (const element of within.querySelectorAll("[data-t]")) {
      const text = fill(element.dataset.t, givenOf(element), language);
      if (text !== undefined) element.innerHTML = markup(text);
    }
    for (const name of ATTRIBUTES) {
      for (const element of within.querySelectorAll(`[data-t-${name}]`)) {
        const text = fill(element.getAttribute(`data-t-${name}`), givenOf(element), language);
        if (text !== undefined) element.setAttribute(name, text.replaceAll("**", ""));
      }
    }
  };

  const button = document.getElementById("language");
  const show = () => {
    const chinese = page.language() === "zh";
    root.lang = chinese ? "zh-CN" : "en";
    button.textContent = chinese ? "English" : "中文";
    button.lang = chinese ? "en" : "zh";
    button.setAttribute("aria-label", chinese ? "English" : "中文 (Chinese)");
  };
  button.addEventListener("click", () => {
    root.dataset.language = page.language() === "zh" ? "en" : "zh";
    page.keep("acuomics-language", page.language());
    show();
    page.translate();
    page.onLanguage.forEach((run) => run());
  });
  show();
  if (page.language() === "zh") page.translate();

  // The theme: as the system has it, light, dark.
  const themes = ["auto", "light", "dark"];
  const switcher = document.getElementById("theme");
  const showTheme = () => {
    const theme = root.dataset.theme ?? "auto";
    const label = switcher.querySelector("[data-t]");
    label.dataset.t = `frame.theme_${theme}`;
    page.translate(switcher);
  };
  switcher.addEventListener("click", () => {
    const next = themes[(themes.indexOf(root.dataset.theme ?? "auto") + 1) % themes.length];
    if (next === "auto") delete root.dataset.theme; else root.dataset.theme = next;
    page.keep("acuomics-theme", next);
    showTheme();
    page.onTheme.forEach((run) => run());
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => page.onTheme.forEach((run) => run()));
  showTheme();
})();
