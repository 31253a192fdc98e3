// The size of a view is told before what the mouse does in it: trame-rca tells a change a tenth of a second later, and
// until then a click would be somewhere else.
(function () {
  const told = new WeakMap();

  function tellSize({ target }) {
    const view = target.closest && target.closest(".layout-grid-item");
    const head = view && view.querySelector("[data-view]");
    if (!head || !window.trame || !window.trame.client.isConnected()) return;
    const { width, height } = view.querySelector(".image-display-area").parentElement.getBoundingClientRect();
    const size = [width, height, Math.max(1, window.devicePixelRatio)];
    if (String(told.get(view)) === String(size)) return;
    told.set(view, size);
    window.trame.trigger("view_size", [head.dataset.view, ...size]);
  }

  for (const each of ["pointermove", "pointerdown", "pointerup"]) window.addEventListener(each, tellSize, true);
})();
