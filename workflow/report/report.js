// Builds the tables from the rows in the page, and enlarges figures. Text from data is always escaped.
(() => {
  "use strict";
  const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (letter) => ESCAPES[letter]);
  const MISSING = '<span class="muted" title="missing">NA</span>';

  // Three significant digits; exponents where the number would be long.
  const shown = (value) => {
    const x = Number(value);
    if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
    if (x === 0) return "0";
    const size = Math.abs(x);
    const text = size < 1e-3 || size >= 1e5 ? x.toExponential(2) : size >= 1e3 ? x.toFixed(0) : x.toPrecision(3);
    return text.replace("-", "−").replace("e−", "e-").replace("e+", "e");
  };

  const render = {
    number: (value, type) => {
      if (type === "display") return value === null ? MISSING : shown(value);
      if (type === "filter") return value === null ? "NA" : shown(value);
      return value === null ? NaN : Number(value);
    },
    integer: (value, type) => {
      if (type === "display") return value === null ? MISSING : Number(value).toLocaleString("en");
      return value === null ? NaN : Number(value);
    },
    flag: (value, type) => (type === "display" || type === "filter" ? (value ? "yes" : "") : Number(value)),
    text: (value, type) => (value === null ? "" : type === "display" ? escapeHtml(value) : String(value)),
  };

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
    "=": (cell, value) => cell === value,
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
        render: render[column.kind],
        type: column.kind === "text" ? "string" : "measure",
        className: column.kind === "number" || column.kind === "integer" ? "num" : ["Note", "Reason"].includes(column.title) ? "wrap" : "",
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
    table.dataset.built = String(data.rows.length);
  };
  document.querySelectorAll("table[data-rows]").forEach(build);

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
