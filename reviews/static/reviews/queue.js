// Shortcuts of the review queue. Everything they do has a button or link that works without this script.
//
// It is loaded before the page, so that a key pressed while the next review is still arriving is not lost: whoever works
// through thirty of them is faster than the last byte of a page.
(() => {
  "use strict";
  const KEPT = "review-queue-keys";
  const of = (id) => document.getElementById(id);
  const wanted = () => localStorage.getItem(KEPT) !== "off";
  const acts = {
    a: () => of("rv-approve")?.requestSubmit(),
    r: () => { const reject = of("rv-reject"); if (reject) reject.open = true; },
    s: () => { const skip = of("rv-skip"); gone = skip !== null; skip?.click(); },
    u: () => of("rv-undo")?.click(),
  };
  let here = false;  // the whole page
  let early = null;  // the key that waits for it
  let gone = false;  // decided or skipped: further keys are meant for the next review

  document.addEventListener("keydown", (event) => {
    const reject = of("rv-reject");
    const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat && reject?.contains(event.target)) {
      event.preventDefault();
      event.target.form?.requestSubmit();
      return;
    }
    if (event.key === "Escape" && reject?.open) {
      reject.open = false;
      reject.querySelector("summary").focus();
      return;
    }
    if (!wanted() || typing || gone || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]") || !Object.hasOwn(acts, event.key)) return;
    event.preventDefault();
    if (here) acts[event.key]();
    else early = event.key;
  });

  document.addEventListener("DOMContentLoaded", () => {
    const page = of("review-queue");
    const choice = of("rv-keys");
    if (!page || !choice) return;

    // Single keys get in the way of some people's software, so they can be switched off; the choice is kept in this browser.
    choice.closest("label").hidden = false;
    choice.checked = wanted();
    choice.addEventListener("change", () => localStorage.setItem(KEPT, choice.checked ? "on" : "off"));

    // Whoever works through the queue begins with the next review, not with the top of the page.
    of("rv-heading")?.focus();

    of("rv-reject")?.addEventListener("toggle", (event) => {
      if (event.target.open) of("rv-why").focus();
    });
    page.addEventListener("submit", (event) => {
      gone = true;
      for (const button of event.target.querySelectorAll("button[type=submit]")) button.disabled = true;
    });
    here = true;
    if (early) acts[early]();
  });
})();
