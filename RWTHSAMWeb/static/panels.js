// What was unfolded comes into sight, and one thing at a time is explained.
(function () {
  const SETTLES_MS = 2000; // as long as a panel unfolds, and what is in it comes from a server that may be far away
  let leave = () => {};

  // whole, or from its title on where it is longer than the drawer; who scrolls or presses meanwhile goes where he wants
  function bringIntoSight(panel) {
    leave();
    letGo();
    const sizes = new ResizeObserver(() => panel.isConnected && panel.scrollIntoView({ block: "nearest" }));
    const hands = ["wheel", "pointerdown", "keydown"];
    const end = setTimeout(() => leave(), SETTLES_MS);
    leave = () => {
      clearTimeout(end);
      sizes.disconnect();
      hands.forEach((each) => removeEventListener(each, leave, true));
      leave = () => {};
    };
    hands.forEach((each) => addEventListener(each, leave, true));
    sizes.observe(panel);
  }

  // what was just used stays where it is, whatever comes or goes above and below it: as long as the mouse is in the
  // drawer, that gets no shorter than it is scrolled
  let letGo = () => {};
  let noRoomBelow = () => {};

  function holdStill({ type, key, target }) {
    letGo();
    const scrolled = target.closest && target.closest(".work-drawer .v-navigation-drawer__content");
    const panels = scrolled && scrolled.firstElementChild;
    if (!panels || (type === "keydown" && key !== " " && key !== "Enter")) return;
    keepRoomBelow(type === "keydown" ? "focusout" : "pointerleave", scrolled, panels);
    keepInPlace(target, scrolled, panels);
  }

  // until it is left; an end that an earlier press has set may come with this one, between down and up
  function keepRoomBelow(left, scrolled, panels) {
    noRoomBelow();
    const end = () => (panels.style.minHeight = "");
    panels.style.minHeight = `${scrolled.scrollTop + scrolled.clientHeight}px`;
    scrolled.addEventListener(left, end, { once: true });
    noRoomBelow = () => scrolled.removeEventListener(left, end);
  }

  // a button may give way to another one: then what is round it stays
  function keepInPlace(target, scrolled, panels) {
    const tops = [];
    for (let each = target; each !== panels; each = each.parentElement) tops.push([each, each.getBoundingClientRect().top]);
    const sizes = new ResizeObserver(() => {
      const held = tops.find(([each]) => each.isConnected && each.checkVisibility());
      if (held) scrolled.scrollTop += held[0].getBoundingClientRect().top - held[1];
    });
    const end = setTimeout(() => letGo(), SETTLES_MS);
    letGo = () => {
      clearTimeout(end);
      sizes.disconnect();
      removeEventListener("wheel", letGo, true);
      letGo = () => {};
    };
    addEventListener("wheel", letGo, true);
    for (const each of panels.querySelectorAll(".v-expansion-panel")) sizes.observe(each);
  }

  addEventListener("pointerdown", holdStill, true);
  addEventListener("keydown", holdStill, true);

  const UNFOLDED = "v-expansion-panel--active";

  function onChange(records) {
    const isNew = ({ target, oldValue }) =>
      target.matches(`.work-drawer .${UNFOLDED}`) && !String(oldValue).split(" ").includes(UNFOLDED);
    const panels = records.filter(isNew).map(({ target }) => target);
    // where one within another was unfolded with it, the inner one was meant
    if (panels.length) bringIntoSight(panels.find((each) => !panels.some((other) => other !== each && each.contains(other))));
  }

  function show(name) {
    const panel = document.querySelector(`.work-drawer .${UNFOLDED} > [data-panel="${name}"]`);
    if (panel) bringIntoSight(panel.parentElement);
  }

  // what ends moves nothing under the mouse: it is shown as soon as that has left the drawer
  function showUnderNoMouse(name) {
    const drawer = document.querySelector(".work-drawer");
    const isUnderMouse = drawer && drawer.matches(":hover") && matchMedia("(hover: hover)").matches;
    if (isUnderMouse) drawer.addEventListener("pointerleave", () => show(name), { once: true });
    else show(name);
  }

  // what was being stopped has ended; what goes on is true, or a percentage
  function onEnd(what, value) {
    const goesOn = value === true || value >= 0 && value !== false;
    if (!goesOn && window.trame.state.get("stopping") === what) window.trame.state.set("stopping", "");
  }

  // what became of an object is told below the button
  function watch() {
    const values = window.trame && window.trame.state && window.trame.state.get("stopped_values");
    if (!values) return setTimeout(watch, 20);
    window.trame.state.watch(["prop_running"], (isRunning) => isRunning || showUnderNoMouse("propagation"));
    for (const [what, name] of Object.entries(values)) window.trame.state.watch([name], (value) => onEnd(what, value));
  }
  watch();

  new MutationObserver(onChange).observe(document.documentElement, {
    subtree: true,
    attributeFilter: ["class"],
    attributeOldValue: true,
  });

  // A control that has moved away from under the mouse hears nothing of it, and one within another explains itself alone.
  function tidyTooltips() {
    const shown = [...document.querySelectorAll(".v-tooltip.v-overlay--active")];
    const owners = shown.map((each) => document.querySelector(`[aria-describedby~="${each.id}"]`)).filter(Boolean);
    for (const each of owners) {
      const isMeant = each.matches(":hover, :focus-visible") && !owners.some((other) => other !== each && each.contains(other));
      if (!isMeant) each.dispatchEvent(new MouseEvent("mouseleave"));
    }
  }

  setInterval(tidyTooltips, 250);

  window.rwthsamPanels = { show };
})();
