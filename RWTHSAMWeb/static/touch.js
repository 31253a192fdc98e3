// Fingers in the views. What a mouse does there is all that the views understand, so each finger is told as a mouse:
// one finger clicks and draws, a finger that rests goes with the crosshair, two fingers move and zoom.
(function () {
  const MOVED_PX = 8; // a finger trembles so far in a tap
  const RESTS_MS = 500;
  const ZOOM_PX = 400; // twice as far apart is a drag of the right button so far
  const LEFT = 0, MIDDLE = 1, RIGHT = 2;
  const HELD = [1, 4, 2]; // as the browser counts them in "buttons"
  const fingers = new Map(); // places by pointerId, in the order in which they came
  let way = ""; // what they do: "" or "two" as long as it is open, "draw", "cross", "move", "zoom", "done"
  let start = null;
  let target = null;
  let resting = 0;
  let first = null; // between two fingers when the second came
  let apart = 0;

  const get = (name) => window.trame && window.trame.state && window.trame.state.get(name);

  function inView(event) {
    const view = event.target.closest && event.target.closest(".layout-grid-item");
    return view && !event.target.closest(".view-head, .view-tools, .view-slider, button, input") ? view : null;
  }

  function tell(type, place, options) {
    const about = { bubbles: true, cancelable: true, composed: true, clientX: place.x, clientY: place.y };
    const init = { ...about, pointerId: start.id, pointerType: "mouse", isPrimary: true, button: -1, ctrlKey: Boolean(get("takes_away")), ...options };
    target.dispatchEvent(new PointerEvent(type, init));
  }

  const plain = (button) => (button === LEFT ? {} : { ctrlKey: false });
  const press = (place, button) => tell("pointerdown", place, { button, buttons: HELD[button], ...plain(button) });
  const move = (place, button) => tell("pointermove", place, { buttons: HELD[button], ...plain(button) });
  const release = (place, button) => tell("pointerup", place, { button, buttons: 0, ...plain(button) });
  const middle = () => {
    const [one, other] = [...fingers.values()];
    return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
  };
  const distance = () => {
    const [one, other] = [...fingers.values()];
    return Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
  };

  function onDown(event) {
    const place = { x: event.clientX, y: event.clientY };
    fingers.set(event.pointerId, place);
    if (fingers.size === 1) {
      [way, start, target] = ["", { ...place, id: event.pointerId }, event.target];
      tell("pointerenter", place, { buttons: 0, bubbles: false });
      tell("pointermove", place, { buttons: 0 }); // the view that is touched is the one in use
      resting = setTimeout(() => way || (way = "cross"), RESTS_MS);
    } else if (fingers.size === 2 && !way) {
      clearTimeout(resting);
      [way, first, apart] = ["two", middle(), distance()];
    }
  }

  function onMove(event) {
    const place = { x: event.clientX, y: event.clientY };
    fingers.set(event.pointerId, place);
    if (!way && Math.hypot(place.x - start.x, place.y - start.y) > MOVED_PX) {
      clearTimeout(resting);
      way = "draw";
      press(start, LEFT);
    }
    if (way === "draw") move(place, LEFT);
    if (way === "cross") tell("pointermove", place, { buttons: 0, shiftKey: true, ctrlKey: false });
    if (fingers.size === 2) withTwo();
  }

  const zoomed = () => ({ x: first.x, y: first.y + ZOOM_PX * Math.log2(distance() / apart) });

  // whichever comes first: they go apart, or both go the same way
  function withTwo() {
    const now = middle();
    if (way === "two" && Math.abs(distance() - apart) > 2 * MOVED_PX) press(first, RIGHT, (way = "zoom"));
    if (way === "two" && Math.hypot(now.x - first.x, now.y - first.y) > MOVED_PX) press(first, MIDDLE, (way = "move"));
    if (way === "zoom") move(zoomed(), RIGHT);
    if (way === "move") move(now, MIDDLE);
  }

  function onUp(event) {
    const place = fingers.get(event.pointerId) || start;
    clearTimeout(resting);
    const isTap = !way && event.type === "pointerup";
    if (isTap) press(start, LEFT);
    if (isTap || way === "draw") release(place, LEFT);
    if (way === "move") release(middle(), MIDDLE);
    if (way === "zoom") release(zoomed(), RIGHT);
    fingers.delete(event.pointerId);
    way = "done"; // what begins with another finger still there means nothing
  }

  const handlers = { pointerdown: onDown, pointermove: onMove, pointerup: onUp, pointercancel: onUp };

  function onPointer(event) {
    if (!event.isTrusted || event.pointerType === "mouse") return;
    const isOurs = event.type === "pointerdown" ? inView(event) : fingers.has(event.pointerId);
    if (!isOurs) return;
    event.stopImmediatePropagation();
    if (event.cancelable) event.preventDefault();
    handlers[event.type](event);
  }

  // with the mouse, too, what is chosen to be taken away is: as if Ctrl were held
  function onMouse(event) {
    const counts = event.isTrusted && event.pointerType === "mouse" && event.button === 0 && !event.ctrlKey;
    if (!counts || !get("takes_away") || !inView(event)) return;
    event.stopImmediatePropagation();
    const { clientX, clientY, pointerId, button, buttons, shiftKey } = event;
    const about = { bubbles: true, cancelable: true, composed: true, pointerType: "mouse", isPrimary: true };
    event.target.dispatchEvent(new PointerEvent(event.type, { ...about, clientX, clientY, pointerId, button, buttons, shiftKey, ctrlKey: true }));
  }

  for (const each of Object.keys(handlers)) addEventListener(each, onPointer, { capture: true, passive: false });
  addEventListener("pointerdown", onMouse, true);
  // what a tap means is told already; the browser would tell it once more as a mouse
  for (const each of ["touchstart", "touchmove", "touchend"]) {
    addEventListener(each, (event) => event.cancelable && inView(event) && event.preventDefault(), { capture: true, passive: false });
  }

  window.rwthsamTouch = { way: () => way };

  // what was taken away belongs to prompts that are gone
  function watch() {
    if (get("takes_away") === undefined) return setTimeout(watch, 20);
    window.trame.state.watch(["prompted_slices"], (count) => count || !get("takes_away") || window.trame.state.set("takes_away", false));
  }
  watch();
})();
