// What was unfolded comes into sight, and one thing at a time is explained.
(function () {
  const SETTLES_MS = 2000; // as long as a panel unfolds, and what is in it comes from a server that may be far away
  let leave = () => {};

  // whole, or from its title on where it is longer than the drawer; who scrolls or presses meanwhile goes where he wants
  function bringIntoSight(panel) {
    leave();
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

  // what was just used stays where it is, also where less is left below it: as long as the mouse is in the drawer, that
  // gets no shorter than it is scrolled
  function holdStill({ target }) {
    const scrolled = target.closest && target.closest(".work-drawer .v-navigation-drawer__content");
    const panels = scrolled && scrolled.firstElementChild;
    if (!panels || !scrolled.scrollTop) return;
    panels.style.minHeight = `${scrolled.scrollTop + scrolled.clientHeight}px`;
    scrolled.addEventListener("pointerleave", () => (panels.style.minHeight = ""), { once: true });
  }

  addEventListener("pointerdown", holdStill, true);

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

  // what a switch has added to its panel
  function onSwitch({ target }) {
    const panel = target.matches(".work-drawer [type=checkbox]") && target.closest(`.${UNFOLDED}`);
    if (panel) bringIntoSight(panel);
  }

  document.addEventListener("change", onSwitch, true);

  // what became of an object is told below the button
  function watch() {
    if (!window.trame || !window.trame.state) return setTimeout(watch, 20);
    window.trame.state.watch(["prop_running"], (isRunning) => isRunning || show("propagation"));
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
