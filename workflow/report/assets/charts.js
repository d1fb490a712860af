// Mounts the charts of a page when they come near the screen: loads Vega once and each dataset once, draws on canvas,
// follows the theme, and offers the picture as SVG. What a brush chooses is listed under the chart.
(() => {
  "use strict";
  const page = window.acuomics;
  const source = JSON.parse(document.getElementById("charts").textContent);
  const scripts = new Map();
  const received = new Map();

  // A page on disk may load scripts, not fetch files: every dataset is a script that calls this.
  window.acuomicsReceive = (key, content) => received.set(key, content);
  const load = (src) => {
    if (!scripts.has(src)) {
      scripts.set(src, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = src;
        script.onload = resolve;
        script.onerror = () => reject(new Error(src));
        document.head.append(script);
      }));
    }
    return scripts.get(src);
  };
  const unpack = async (content) => {
    if (typeof content !== "string") return content;
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
  };
  const contents = new Map();
  const fetched = ({ src, key }) => {
    if (!contents.has(key)) {
      contents.set(key, load(src).then(() => unpack(received.get(key))).then((content) => { received.delete(key); return content; }));
    }
    return contents.get(key);
  };
  // The columns of a dataset, each an array; what several datasets say alike of a feature stands in one table, and
  // its rows there are given by their distances.
  const whole = new Map();
  page.dataset = (name) => {
    if (!whole.has(name)) whole.set(name, join(name));
    return whole.get(name);
  };
  const join = async (name) => {
    const { columns, shared, steps } = await fetched(source.data[name]);
    if (!shared) return columns;
    const table = await fetched(source.shared);
    let row = -1;
    const rows = steps.map((step) => (row += step));
    return { ...Object.fromEntries(shared.map((field) => [field, rows.map((at) => table[field][at])])), ...columns };
  };
  page.datasets = Object.keys(source.data);
  // Rows for one chart: only the fields that its specification names, since every chart keeps its own copy.
  const rowsOf = (columns, text) => {
    const used = Object.keys(columns).filter((name) => text.includes(name));
    const n = columns[used[0]]?.length ?? 0;
    const rows = new Array(n);
    for (let i = 0; i < n; i += 1) {
      const row = {};
      for (const name of used) row[name] = columns[name][i];
      rows[i] = row;
    }
    return rows;
  };

  const mounted = new Map();
  let wanted = "";
  const figures = new Map([...document.querySelectorAll("figure[data-chart]")].map((figure) => [figure, source.charts[Number(figure.dataset.chart)]]));

  const withoutSize = (spec) => (spec.width === undefined && spec.layer ? { ...spec, width: "container" } : spec);
  const mount = async (figure) => {
    const chart = figures.get(figure);
    const live = figure.querySelector(".live");
    try {
      await load(`${page.up()}vega/vega.js`);
      const text = JSON.stringify(chart.spec);
      const named = await Promise.all(chart.datasets.map((name) => page.dataset(name)));
      const datasets = Object.fromEntries(chart.datasets.map((name, i) => [name, rowsOf(named[i], text)]));
      mounted.get(figure)?.finalize();
      live.textContent = "";
      const result = await vegaEmbed(live, { ...withoutSize(chart.spec), datasets }, {
        mode: "vega-lite", renderer: "canvas", actions: false, logLevel: 1,
        config: window.acuomicsThemes[page.dark() ? "dark" : "light"],
        tooltip: { theme: page.dark() ? "dark" : "light" },
      });
      mounted.set(figure, result);
      const canvas = live.querySelector("canvas");
      if (canvas) { canvas.setAttribute("role", "img"); canvas.setAttribute("aria-label", live.getAttribute("aria-label")); }
      if (chart.search && wanted) await highlight(result.view, wanted);
      if (chart.brush) listenToBrush(figure, chart, result.view, datasets);
      const svg = figure.querySelector("button.svg");
      svg.disabled = false;
      figure.dataset.mounted = "true";
    } catch (error) {
      live.textContent = page.say("chart.failed");
      live.classList.add("missing");
      figure.classList.add("failed");
      figure.querySelectorAll("img[data-src]").forEach((image) => { image.src = image.dataset.src; });
      console.error(error);
    }
  };

  // One after the other, so that the page answers in between.
  let queue = Promise.resolve();
  const enqueue = (figure) => { queue = queue.then(() => new Promise((done) => { requestAnimationFrame(() => mount(figure).finally(done)); })); };
  const near = new IntersectionObserver((entries) => entries.forEach((entry) => {
    if (entry.isIntersecting) { near.unobserve(entry.target); enqueue(entry.target); }
  }), { rootMargin: "200px" });
  figures.forEach((chart, figure) => near.observe(figure));
  page.onTheme.push(() => [...mounted.keys()].forEach(enqueue));
  page.mountAll = () => { figures.forEach((chart, figure) => { near.unobserve(figure); if (!mounted.has(figure)) enqueue(figure); }); return queue; };

  // Marks a feature in every chart that knows features; what is mounted later is marked then.
  const highlight = async (view, text) => {
    try { view.signal("highlight", text); await view.runAsync(); } catch { /* a chart without this parameter */ }
  };
  page.highlight = async (text) => {
    wanted = text;
    for (const [figure, { view }] of mounted) if (figures.get(figure).search) await highlight(view, text);
  };
  page.searchFields = new Set(source.charts.map((chart) => chart.search).filter(Boolean));
  page.mountedViews = () => [...mounted].map(([figure, { view }]) => [figures.get(figure), view]);

  const save = (text, name, type) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.svg");
    if (!button) return;
    const figure = button.closest("figure");
    save(await mounted.get(figure).view.toSVG(), `${source.study}_${figures.get(figure).name}.svg`, "image/svg+xml");
  });

  // The features that a brush chooses, as a table under the chart and as a file.
  const SHOWN = 200;
  const number = (value) => (value === null ? "NA" : typeof value === "number" ? String(Number(value.toPrecision(4))).replace("-", "−") : String(value));
  const listenToBrush = (figure, chart, view, datasets) => {
    const box = figure.querySelector(".brushed");
    let timer;
    view.addSignalListener(chart.brush, (name, range) => {
      clearTimeout(timer);
      timer = setTimeout(() => list(range), 150);
    });
    const list = (range) => {
      const fields = Object.keys(range ?? {});
      const rows = fields.length ? datasets[chart.datasets.find((name) => datasets[name].length && fields.every((field) => field in datasets[name][0])) ?? chart.datasets[0]] : [];
      const inside = rows.filter((row) => fields.every((field) => {
        const [low, high] = [...range[field]].sort((a, b) => a - b);
        return row[field] !== null && row[field] >= low && row[field] <= high;
      }));
      box.hidden = !fields.length;
      box.replaceChildren();
      if (!fields.length) return;
      const columns = Object.keys(rows[0] ?? {});
      const head = document.createElement("p");
      head.textContent = page.say("chart.brushed", { n: inside.length, shown: Math.min(inside.length, SHOWN) });
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "TSV";
      button.addEventListener("click", () => save([columns.join("\t"), ...inside.map((row) => columns.map((name) => row[name] ?? "NA").join("\t"))].join("\n") + "\n", `${source.study}_${chart.name}_selected.tsv`, "text/tab-separated-values"));
      head.append(" ", button);
      const scroll = document.createElement("div");
      scroll.className = "scroll tall";
      scroll.tabIndex = 0;
      scroll.setAttribute("role", "region");
      scroll.setAttribute("aria-label", page.say("chart.brushed_region"));
      const table = document.createElement("table");
      const header = table.createTHead().insertRow();
      columns.forEach((name) => { const th = document.createElement("th"); th.scope = "col"; th.textContent = name; header.append(th); });
      const body = table.createTBody();
      inside.slice(0, SHOWN).forEach((row) => { const line = body.insertRow(); columns.forEach((name) => { line.insertCell().textContent = number(row[name]); }); });
      scroll.append(table);
      box.append(head, scroll);
      document.getElementById("announce").textContent = head.firstChild.textContent;
    };
  };
})();
