// A page whose server does not answer says so in words, looks for it, and goes on where it is found again.
(function () {
  const LOOK_AGAIN_MS = 2000;

  // 200: the program is there and knows this browser; another answer: it was started anew, with another token
  async function isThere() {
    try {
      const answer = await fetch("index.html", { cache: "no-store", credentials: "same-origin" });
      return answer.ok ? "here" : "anew";
    } catch {
      return "gone";
    }
  }

  async function lookFor(place) {
    const found = await isThere();
    if (found === "here") return location.reload();
    for (const each of place.querySelectorAll("[data-found]")) each.hidden = each.dataset.found !== found;
    setTimeout(() => lookFor(place), LOOK_AGAIN_MS);
  }

  new MutationObserver(() => {
    const place = document.querySelector(".lost-connection:not([data-looks])");
    if (!place) return;
    place.dataset.looks = "";
    window.trame.state.set("unsaved_work", false); // nothing is lost by loading the page again
    lookFor(place);
  }).observe(document.documentElement, { subtree: true, childList: true });
})();
