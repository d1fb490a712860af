// Builds the tables from the rows in the page, and enlarges figures. Text from data is always escaped.
(() => {
  "use strict";
  const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (letter) => ESCAPES[letter]);
  const MISSING = '<span class="muted" title="missing">NA</span>';

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
  const plain = {
    flag: (value, type) => (type === "display" || type === "filter" ? (value ? "yes" : "") : Number(value)),
    text: (value, type) => {
      if (value === null) return "";
      if (type !== "display") return String(value);
      const text = escapeHtml(value);
      return text.length > LONG ? `<span class="long" title="${text}">${text}</span>` : text;
    },
  };
  const renderer = ({ kind, decimals }) => plain[kind] ?? (
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
  const quickFilter = (filters, choose) => {
    if (!filters.length) return null;
    const box = document.createElement("div");
    box.className = "quick";
    const label = document.createElement("label");
    label.textContent = "Show ";
    const select = document.createElement("select");
    ["all", ...filters.map((filter) => filter.label)].forEach((text, i) => select.add(new Option(text, String(i - 1))));
    select.addEventListener("change", () => choose(filters[Number(select.value)] ?? null));
    label.append(select);
    box.append(label);
    return box;
  };

  const build = (table) => {
    const data = JSON.parse(document.getElementById(table.dataset.rows).textContent);
    const small = data.rows.length <= 30;
    let chosen = null;
    const built = new DataTable(table, {
      data: data.rows,
      columns: data.columns.map((column, i) => ({
        data: i,
        render: renderer(column),
        type: column.kind === "text" ? "string" : "measure",
        className: ALIGNED.includes(column.kind) ? "num" : "",
      })),
      order: data.order,
      autoWidth: false,
      deferRender: true,
      paging: !small,
      info: !small,
      pageLength: 10,
      lengthMenu: [10, 25, 100],
      layout: {
        topStart: small ? null : "search",
        topEnd: small ? null : [() => quickFilter(data.filters, (filter) => { chosen = filter; built.draw(); }), "pageLength"],
        bottomStart: small ? null : "info",
        bottomEnd: small ? null : "paging",
      },
      language: { search: "Find", lengthMenu: "_MENU_ rows", info: "_START_ to _END_ of _TOTAL_", infoFiltered: "(from _MAX_)", zeroRecords: "No row matches." },
    });
    built.search.fixed("quick", (text, row) => chosen === null || compares[chosen.compare](row[chosen.column], chosen.value));
    const box = table.closest(".dt-layout-table");
    if (box) {
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", table.caption.textContent);
    }
    // Rows have one line each; a click unfolds the row of a text that was cut.
    table.addEventListener("click", (event) => {
      if (getSelection().isCollapsed) event.target.closest("td")?.querySelector(".long")?.closest("tr").classList.toggle("open");
    });
    table.dataset.built = String(data.rows.length);
  };
  document.querySelectorAll("table[data-rows]").forEach(build);

  // A box that scrolls sideways fades at the side where more is to be seen.
  const hint = (box) => {
    const rest = box.scrollWidth - box.clientWidth - box.scrollLeft;
    box.classList.toggle("more-left", box.scrollLeft > 1);
    box.classList.toggle("more-right", rest > 1);
  };
  const watch = new ResizeObserver((entries) => entries.forEach((entry) => hint(entry.target.closest(".scroll, .dt-layout-table"))));
  document.querySelectorAll(".scroll, .dt-layout-table").forEach((box) => {
    box.addEventListener("scroll", () => hint(box), { passive: true });
    watch.observe(box);
    const table = box.querySelector("table");
    if (table) watch.observe(table);
    hint(box);
  });

  const zoom = document.getElementById("zoom");
  document.querySelectorAll(".enlarge").forEach((button) => {
    button.addEventListener("click", () => {
      const from = button.querySelector("img");
      const into = zoom.querySelector("img");
      into.src = from.src;
      into.alt = from.alt;
      zoom.showModal();
    });
  });
  zoom.addEventListener("click", (event) => { if (event.target === zoom) zoom.close(); });
})();
