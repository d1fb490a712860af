// The gene search of a study: marks the feature in all charts, shows it alone in the tables, and lists its numbers.
(() => {
  "use strict";
  const page = window.acuomics;
  const form = document.getElementById("gene");
  if (!form) return;
  const input = document.getElementById("gene-name");
  const clear = document.getElementById("gene-clear");
  const card = document.getElementById("gene-card");
  const NAMES = ["symbol", "label", "feature"];
  let chosen = "";

  const matches = (value) => value !== null && String(value).toLowerCase() === chosen;
  const filter = ({ built, names }) => {
    if (!names.length) return;
    built.search.fixed("gene", chosen ? (text, row) => names.some((at) => matches(row[at])) : () => true);
    built.draw();
  };
  document.addEventListener("acuomics:table", (event) => { if (chosen) filter(page.tables.get(event.target)); });

  const show = (value) => (value === null || value === undefined ? "NA" : typeof value === "number" ? String(Number(value.toPrecision(4))).replace("-", "−") : String(value));
  // Every dataset with a row of this name, as a line each.
  const find = async () => {
    const found = [];
    for (const name of page.datasets) {
      const columns = await page.dataset(name);
      const key = NAMES.find((field) => columns[field]?.some(matches));
      if (key) found.push([name, columns, columns[key].findIndex(matches)]);
    }
    return found;
  };
  const list = (found) => {
    card.replaceChildren();
    card.hidden = !chosen;
    clear.hidden = !chosen;
    if (!chosen) return;
    const head = document.createElement("p");
    head.textContent = found.length ? page.say("gene.found", { name: input.value.trim(), n: found.length }) : page.say("gene.not_found", { name: input.value.trim() });
    card.append(head);
    document.getElementById("announce").textContent = head.textContent;
    for (const [name, columns, row] of found) {
      const line = document.createElement("dl");
      line.className = "facts";
      const title = document.createElement("div");
      title.innerHTML = `<dt>${page.escape(page.say("gene.in"))}</dt><dd>${page.escape(name)}</dd>`;
      line.append(title);
      for (const [field, values] of Object.entries(columns)) {
        const part = document.createElement("div");
        part.innerHTML = `<dt>${page.escape(field)}</dt><dd>${page.escape(show(values[row]))}</dd>`;
        line.append(part);
      }
      card.append(line);
    }
  };
  const search = async (text) => {
    chosen = text.trim().toLowerCase();
    page.tables.forEach(filter);
    await page.highlight(text.trim());
    list(chosen ? await find() : []);
    document.documentElement.dataset.gene = chosen;
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); search(input.value); });
  input.addEventListener("search", () => { if (!input.value) search(""); });
  clear.addEventListener("click", () => { input.value = ""; search(""); input.focus(); });
})();
