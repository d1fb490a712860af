// Builds the tables from the rows in the page. Text from data is always escaped.
(() => {
  "use strict";
  const page = window.acuomics;
  const escapeHtml = page.escape;
  const MISSING = '<span class="muted" title="missing: not available">NA</span>';

  // All numbers of a column have as many decimals.
  const withDecimals = (decimals) => {
    const format = new Intl.NumberFormat("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals, signDisplay: "negative" });
    return (value) => {
      const x = Number(value);
      if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
      return format.format(x).replace("-", "−");
    };
  };
  const asP = (value) => (value === 0 || value >= 1e-3 ? value.toFixed(3) : value.toExponential(2));

  // How a column of numbers is shown, found, and sorted (by its full value).
  const numeric = (shown) => (value, type) => {
    if (type === "display") return value === null ? MISSING : shown(value);
    if (type === "filter") return value === null ? "NA" : shown(value);
    return value === null ? NaN : Number(value);
  };
  const interval = (shown) => {
    const end = (value, infinite) => (value === null ? infinite : shown(value));
    const ends = ([, low, high]) => `(${end(low, "−∞")} to ${end(high, "∞")})`;
    return (value, type) => {
      if (type === "display") return value === null ? MISSING : `${shown(value[0])} <span class="muted">${ends(value)}</span>`;
      if (type === "filter") return value === null ? "NA" : `${shown(value[0])} ${ends(value)}`;
      return value === null ? NaN : Number(value[0]);
    };
  };
  const LONG = 36;
  const long = (text) => (text.length > LONG ? `<span class="long" title="${text}">${text}</span>` : text);
  const plain = {
    flag: (value, type) => (type === "display" ? (value ? escapeHtml(page.phrase("yes")) : "") : type === "filter" ? (value ? "yes" : "") : Number(value)),
    text: (value, type) => {
      if (value === null) return "";
      return type === "display" ? long(escapeHtml(value)) : String(value);
    },
  };
  // Words of a closed vocabulary: in the reader's language, found in English too, and with what they mean.
  const WORDS = { verdict: "means", class: "class_means", status: "status_means" };
  const word = (group) => (value, type) => {
    if (value === null) return "";
    const [head, reason] = String(value).split(":");
    const shown = [page.phrase(head.replaceAll("_", " ")), ...(reason ? [reason.replaceAll("_", " ")] : [])].join(": ");
    if (type === "filter") return `${value} ${shown}`;
    if (type !== "display") return String(value);
    const key = `${group}.${head}`;
    const meaning = page.knows(key) ? page.say(key) : "";
    return `<span class="verdict ${escapeHtml(head)}" title="${escapeHtml(meaning)}">${escapeHtml(shown)}</span>`;
  };
  const renderer = ({ name, kind, decimals }) => (kind === "text" && WORDS[name] ? word(WORDS[name]) : plain[kind]) ?? (
    kind === "p" ? numeric(asP) : kind === "interval" ? interval(withDecimals(decimals)) : numeric(withDecimals(kind === "integer" ? 0 : decimals))
  );
  const ALIGNED = ["number", "integer", "p", "interval"];

  // Missing numbers stay last whichever way a column is sorted.
  const missingLast = (sign) => (a, b) => {
    if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
    if (Number.isNaN(b)) return -1;
    return a < b ? -sign : a > b ? sign : 0;
  };
  DataTable.ext.errMode = "throw";
  DataTable.type("measure", { order: { asc: missingLast(1), desc: missingLast(-1) } });

  const compares = {
    "<": (cell, value) => cell !== null && Number(cell) < value,
    ">": (cell, value) => cell !== null && Number(cell) > value,
    "=": (cell, value) => cell === value,
    starts: (cell, value) => cell !== null && (cell === value || cell.startsWith(`${value}:`)),
    filled: (cell) => cell !== null && cell !== "",
  };

  // A list of ready-made filters; returns nothing where the table has none.
  const quickFilter = (filters, chosen, choose) => {
    if (!filters.length) return null;
    const box = document.createElement("div");
    box.className = "quick";
    const label = document.createElement("label");
    label.textContent = `${page.say("table.show")} `;
    const select = document.createElement("select");
    [page.say("table.all"), ...filters.map((filter) => page.phrase(filter.label))].forEach((text, i) => select.add(new Option(text, String(i - 1))));
    select.value = String(chosen);
    select.addEventListener("change", () => choose(Number(select.value)));
    label.append(select);
    box.append(label);
    return box;
  };

  // All built tables, for the gene search: each with its rows, and the places of its names.
  page.tables = new Map();

  const build = (table, state = { chosen: -1, search: "" }) => {
    const data = state.data ?? JSON.parse(document.getElementById(table.dataset.rows).textContent);
    const small = data.rows.length <= 30;
    let chosen = state.chosen;
    const built = new DataTable(table, {
      data: data.rows,
      columns: data.columns.map((column, i) => ({
        data: i,
        render: renderer(column),
        type: column.kind === "text" ? "string" : "measure",
        className: ALIGNED.includes(column.kind) ? "num" : "",
      })),
      order: state.order ?? data.order,
      search: { search: state.search },
      autoWidth: false,
      deferRender: true,
      paging: !small,
      info: !small,
      pageLength: state.length ?? 10,
      lengthMenu: [10, 25, 100],
      layout: {
        topStart: small ? null : "search",
        topEnd: small ? null : [() => quickFilter(data.filters, chosen, (at) => { chosen = at; built.draw(); }), "pageLength"],
        bottomStart: small ? null : "info",
        bottomEnd: small ? null : "paging",
      },
      language: {
        search: page.say("table.find"),
        lengthMenu: page.say("table.length"),
        info: page.say("table.info"),
        infoEmpty: page.say("table.info_empty"),
        infoFiltered: page.say("table.info_filtered"),
        zeroRecords: page.say("table.no_match"),
        emptyTable: page.say("table.empty"),
        aria: {
          orderable: page.say("table.orderable"), orderableReverse: page.say("table.orderable_reverse"), orderableRemove: page.say("table.orderable_remove"),
          paginate: { first: page.say("table.first"), previous: page.say("table.previous"), next: page.say("table.next"), last: page.say("table.last") },
        },
      },
    });
    built.search.fixed("quick", (text, row) => {
      const filter = data.filters[chosen];
      return filter === undefined || compares[filter.compare](row[filter.column], filter.value);
    });
    if (chosen >= 0) built.draw();
    const box = table.closest(".dt-layout-table");
    if (box) {
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", table.caption.textContent);
    }
    table.dataset.built = String(data.rows.length);
    const names = data.columns.flatMap((column, i) => (["label", "feature"].includes(column.name) ? [i] : []));
    page.tables.set(table, { built, data, names, state: () => ({ data, chosen, search: built.search(), order: built.order(), length: built.page.len() }) });
    table.dispatchEvent(new CustomEvent("acuomics:table", { bubbles: true }));
    return built;
  };

  // Rows have one line each; a click unfolds the row of a text that was cut.
  document.addEventListener("click", (event) => {
    if (getSelection().isCollapsed) event.target.closest?.(".datatable td")?.querySelector(".long")?.closest("tr").classList.toggle("open");
  });
  // The words of a table are given when it is built.
  page.onLanguage.push(() => [...page.tables].forEach(([table, { built, state }]) => {
    const kept = state();
    built.destroy();
    build(table, kept);
  }));

  // A table is built when it comes near the screen: a page has a dozen of them, of thousands of rows.
  const waiting = new Set(document.querySelectorAll("table[data-rows]"));
  const now = (table) => { if (waiting.delete(table)) build(table); };
  const near = new IntersectionObserver((entries) => entries.forEach((entry) => {
    if (entry.isIntersecting) { near.unobserve(entry.target); now(entry.target); }
  }), { rootMargin: "400px" });
  waiting.forEach((table) => near.observe(table));
  page.buildTables = () => [...waiting].forEach(now);
  addEventListener("beforeprint", page.buildTables);
})();
