// Keys and uploads of the page. Everything else is declared in Python.
(function () {
  const STEPS = { ArrowUp: "Up", ArrowDown: "Down", ArrowLeft: "Left", ArrowRight: "Right", PageUp: "PageUp", PageDown: "PageDown" };
  const NAMED = { Enter: "Return", Escape: "Escape", Delete: "Delete", ...STEPS };

  function isTyping(target) {
    if (!target || !target.closest) return false;
    return Boolean(
      target.closest("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable=true]"),
    );
  }

  // "Ctrl+Shift+K", "Return", "C", "3": the names that the session knows
  function keyName(event) {
    const key = NAMED[event.key] || (event.key.length === 1 ? event.key.toUpperCase() : null);
    if (!key || event.altKey) return null;
    const control = event.ctrlKey || event.metaKey;
    if (!control && !NAMED[event.key] && !/^[A-Z0-9?]$/.test(key)) return null;
    const shift = event.shiftKey && key !== "?";
    return (control ? "Ctrl+" : "") + (shift ? "Shift+" : "") + key;
  }

  // a slider, an open menu and a table move by these keys themselves
  function movesItself(target) {
    return Boolean(target.closest && target.closest("[role=slider], .v-overlay--active, .detected-body"));
  }

  // a field that was left by Enter has done its work: the next Enter means the page's own
  function leaveField(event) {
    const field = event.target;
    if (event.key !== "Enter" || event.isComposing || !field.matches) return;
    if (!field.matches("input[type=text], input[type=number]") || field.closest("[role=combobox], .v-dialog")) return;
    field.blur(); // at once: a key that follows quickly is not typed into it any more
  }

  // what was reached by Tab is pressed by Enter, as anywhere; what the mouse has pressed is not pressed once more
  let isByTab = false;
  window.addEventListener("keydown", (event) => (isByTab = event.key === "Tab" || isByTab), true);
  window.addEventListener("pointerdown", () => (isByTab = false), true);

  function isPressedByEnter(event) {
    return event.key === "Enter" && isByTab && event.target.closest && event.target.closest("button, a, summary");
  }

  function onKeyDown(event) {
    leaveField(event);
    if (isPressedByEnter(event)) return;
    const known = (window.trame && window.trame.state && window.trame.state.get("keys")) || [];
    const name = keyName(event);
    if (!name || !known.includes(name) || isTyping(event.target)) return;
    if (document.querySelector(".v-overlay--active.v-dialog")) return;
    if (event.key in STEPS && movesItself(event.target)) return;
    if (event.key === "Escape" && document.querySelector(".v-overlay--active.v-menu")) return; // closes the menu
    // the views listen on the document and must not act on the same key; a held key counts once
    event.preventDefault();
    event.stopPropagation();
    if (event.key in STEPS) {
      window.trame.trigger("key", [name]); // a held key goes on
    } else if (!event.repeat) {
      // a focused button would be pressed by Enter as well
      if (document.activeElement && document.activeElement.blur) document.activeElement.blur();
      window.trame.trigger("key", [name]);
    }
  }

  window.addEventListener("keydown", onKeyDown, true);

  // what was just pressed is known: its explanation covers nothing until the mouse is on something else
  let pressed = null;

  function hideTooltips(event) {
    if (event.pointerType !== "mouse" && event.target.matches("input")) return; // else a finger never comes to see it
    pressed = event.target;
    document.body.classList.add("no-tooltips");
  }

  function showTooltips(event) {
    if (!pressed || pressed.contains(event.target) || event.target.contains(pressed)) return;
    pressed = null;
    document.body.classList.remove("no-tooltips");
  }

  document.addEventListener("pointerdown", hideTooltips, true);
  document.addEventListener("pointerover", showTooltips, true);

  // only work that nobody has saved is a reason to ask before the page is left
  function onBeforeUnload(event) {
    if (!window.trame || !window.trame.state.get("unsaved_work")) {
      // calls under way end with the connection, and nobody is left to hear of it
      window.addEventListener("unhandledrejection", (each) => each.preventDefault());
      return;
    }
    event.stopImmediatePropagation(); // trame closes the connection, which whoever stays still needs
    event.preventDefault();
    event.returnValue = "";
  }

  window.addEventListener("beforeunload", onBeforeUnload, true);

  // the middle button belongs to the views, not to the browser's scrolling and pasting
  window.addEventListener("mousedown", (event) => event.button === 1 && event.preventDefault(), true);
  window.addEventListener("auxclick", (event) => event.button === 1 && event.preventDefault(), true);
  window.addEventListener("contextmenu", (event) => event.target.closest(".layout-grid-container") && event.preventDefault(), true);

  function upload(kind, files) {
    if (!files || !files.length) return;
    const form = new FormData();
    for (const file of files) form.append("files", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", `upload/${kind}`);
    request.upload.onprogress = (event) => {
      window.trame.state.set("upload_percent", event.lengthComputable ? Math.round((100 * event.loaded) / event.total) : 0);
    };
    request.onloadend = () => {
      window.trame.state.set("upload_percent", -1);
      if (request.status !== 200) window.trame.trigger("upload_failed", [request.status, request.responseText.slice(0, 500)]);
    };
    window.trame.state.set("upload_percent", 0);
    request.send(form);
  }

  function pick(kind, accept, multiple) {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = accept;
    input.multiple = multiple;
    input.dataset.kind = kind;
    input.onchange = () => {
      upload(kind, input.files);
      input.remove();
    };
    input.style.display = "none";
    document.body.appendChild(input);
    input.click();
  }

  // a field that may lie in a panel that is just being unfolded is looked for until it is seen, or somebody goes on
  let wanted = "";

  function lookForWanted() {
    const field = wanted && document.getElementById(wanted);
    if (field && field.checkVisibility()) {
      wanted = "";
      field.focus();
      field.select();
    } else if (wanted) setTimeout(lookForWanted, 20);
  }

  function focus(id) {
    wanted = id;
    lookForWanted();
  }

  for (const each of ["pointerdown", "keydown"]) window.addEventListener(each, () => (wanted = ""), true);

  // trame-rca's picture of a view says nothing to whoever does not see it: it is named in the moment it is put in
  function namePicture(picture) {
    const name = picture.closest(".layout-grid-item")?.querySelector(".view-head span");
    const alt = name ? `${name.textContent.trim()} view` : "View";
    if (picture.alt !== alt) picture.alt = alt;
  }

  const namePictures = () => document.querySelectorAll("img.image-display-area").forEach(namePicture);
  new MutationObserver(namePictures).observe(document.documentElement, { subtree: true, childList: true });

  // trame's own page forbids to enlarge it
  document.querySelector("meta[name=viewport]").content = "width=device-width, initial-scale=1";

  // templates see trame's "utils", never the browser's "window"; this script may come before trame has made them
  function offer() {
    if (!window.trame || !window.trame.utils || !window.trame.state || !window.rwthsamPanels) return setTimeout(offer, 20);
    window.trame.utils.rwthsam = { pick, focus, show: window.rwthsamPanels.show };
  }
  offer();
})();
