// What every page does beside its tables: hints at boxes that scroll, enlarged figures, print, and anchors.
(() => {
  "use strict";
  // A box that scrolls sideways fades at the side where more is to be seen.
  const hint = (box) => {
    const rest = box.scrollWidth - box.clientWidth - box.scrollLeft;
    box.classList.toggle("more-left", box.scrollLeft > 1);
    box.classList.toggle("more-right", rest > 1);
  };
  const boxOf = (element) => element.closest(".scroll, .dt-layout-table");
  const watch = new ResizeObserver((entries) => new Set(entries.map((entry) => boxOf(entry.target))).forEach((box) => box && hint(box)));
  const observe = (box) => {
    box.addEventListener("scroll", () => hint(box), { passive: true });
    watch.observe(box);
    const table = box.querySelector("table");
    if (table) watch.observe(table);
  };
  document.querySelectorAll(".scroll").forEach(observe);
  document.addEventListener("acuomics:table", (event) => {
    const box = event.target.closest(".dt-layout-table");
    if (box) observe(box);
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

  // On paper the drawn figures stand for the charts.
  const readyForPrint = () => {
    document.querySelectorAll("img[data-src]").forEach((image) => { image.src = image.dataset.src; image.removeAttribute("data-src"); });
    document.querySelectorAll('img[loading="lazy"]').forEach((image) => { image.loading = "eager"; });
  };
  addEventListener("beforeprint", readyForPrint);

  // What a link leads to is marked, and is where the keyboard goes on.
  const arrive = () => {
    document.querySelectorAll(".arrived").forEach((element) => element.classList.remove("arrived"));
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || target.id === "main") return;
    target.closest("details")?.setAttribute("open", "");
    target.classList.add("arrived");
    target.focus({ preventScroll: true });
  };
  addEventListener("hashchange", arrive);
  arrive();
  document.documentElement.dataset.ready = "true";
})();
