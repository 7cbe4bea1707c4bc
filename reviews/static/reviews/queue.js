// Shortcuts of the review queue. Everything they do has a button or link that works without this script.
(() => {
  "use strict";
  const KEPT = "review-queue-keys";
  const page = document.getElementById("review-queue");
  const wanted = document.getElementById("rv-keys");
  if (!page || !wanted) return;

  // Single keys get in the way of some people's software, so they can be switched off; the choice is kept in this browser.
  wanted.closest("label").hidden = false;
  wanted.checked = localStorage.getItem(KEPT) !== "off";
  wanted.addEventListener("change", () => localStorage.setItem(KEPT, wanted.checked ? "on" : "off"));

  // Whoever works through the queue begins with the next review, not with the top of the page.
  document.getElementById("rv-heading")?.focus();

  const reject = document.getElementById("rv-reject");
  reject?.addEventListener("toggle", () => {
    if (reject.open) document.getElementById("rv-why").focus();
  });
  page.addEventListener("submit", (event) => {
    for (const button of event.target.querySelectorAll("button[type=submit]")) button.disabled = true;
  });

  const acts = {
    a: () => document.getElementById("rv-approve")?.requestSubmit(),
    r: () => { if (reject) reject.open = true; },
    s: () => document.getElementById("rv-skip")?.click(),
    u: () => document.getElementById("rv-undo")?.click(),
  };
  let gone = false;
  document.addEventListener("keydown", (event) => {
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
    if (!wanted.checked || typing || gone || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const act = Object.hasOwn(acts, event.key) ? acts[event.key] : null;
    if (!act) return;
    event.preventDefault();
    gone = event.key === "a" || event.key === "s";
    act();
  });
})();
