// The size of a view is told before what the mouse does in it: trame-rca tells a change a tenth of a second later, and
// until then a click would be somewhere else. All pages of an app share its views: another page may have told its own
// size meanwhile, so that it is told again whenever somebody comes to a view of this page or presses in it.
(function () {
  const told = new WeakMap();
  let last = null; // the view that the mouse was in

  const viewAt = (target) => (target.closest ? target.closest(".layout-grid-item") : null);

  function tellSize(view) {
    const head = view.querySelector("[data-view]");
    if (!head || !view.offsetWidth || !window.trame || !window.trame.client.isConnected()) return;
    const size = sizeOf(view);
    told.set(view, String(size));
    window.trame.trigger("view_size", [head.dataset.view, ...size]);
  }

  function sizeOf(view) {
    const { width, height } = view.querySelector(".image-display-area").parentElement.getBoundingClientRect();
    return [width, height, Math.max(1, window.devicePixelRatio)];
  }

  function tellBefore({ type, target }) {
    const view = viewAt(target);
    const comes = view !== last;
    last = view;
    if (!view || !view.querySelector("[data-view]")) return;
    if (comes || type === "pointerdown" || told.get(view) !== String(sizeOf(view))) tellSize(view);
  }

  for (const each of ["pointermove", "pointerdown", "pointerup"]) window.addEventListener(each, tellBefore, true);
  document.documentElement.addEventListener("pointerleave", () => (last = null));
  window.addEventListener("focus", () => document.querySelectorAll(".layout-grid-item").forEach(tellSize));
})();
