// Verbs open in the browser's own dialog; without this script their links lead to the same form on a page of its own.
(() => {
  "use strict";
  const dialog = () => document.getElementById("console-dialog");

  const show = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const body = page.getElementById("dialog");
    if (!body) return false;
    const title = body.querySelector("#console-dialog-title");
    dialog().replaceChildren(body);
    dialog().setAttribute("aria-label", title ? title.textContent : "Confirm");
    if (!dialog().open) dialog().showModal();
    const field = body.querySelector("[role=alert] ~ .oc-field :is(input,textarea,select), .oc-field :is(input:not([type=hidden]),textarea,select)");
    if (field) field.focus();
    return true;
  };

  document.addEventListener("click", async (event) => {
    if (event.target.closest("[data-dialog-close]") && dialog().open) {
      event.preventDefault();
      dialog().close();
      return;
    }
    if (event.target === dialog()) {
      dialog().close();
      return;
    }
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const answer = await fetch(link.href, { credentials: "same-origin" });
    if (!show(await answer.text())) window.location.assign(link.href);
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.closest("#console-dialog")) return;
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    if (button.disabled) return;
    button.disabled = true;
    const answer = await fetch(form.action, {
      method: "POST", body: new FormData(form), credentials: "same-origin", headers: { "X-Requested-With": "dialog" },
    });
    const goto = answer.headers.get("X-Location");
    if (goto) {
      window.location.assign(goto);
      return;
    }
    const text = await answer.text();
    if (!show(text)) {
      button.disabled = false;
      form.submit();
    }
  });
})();

// Work under way: ask for news every two seconds, and show the page anew once it has ended. This runs before there is a page.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const area = document.querySelector("[data-watch]");
  if (!area) return;
  const ended = async () => {
    if (document.hidden) return false;
    const answer = await fetch(area.dataset.watch, { credentials: "same-origin" });
    if (!answer.ok) return false;
    const news = await answer.json();
    area.querySelector("progress").value = news.percent;
    const text = area.querySelector("[data-watch-text]");
    if (text.textContent !== news.text) text.textContent = news.text;
    const dialog = document.getElementById("console-dialog");
    return news.ended && !(dialog && dialog.open);
  };
  const look = async () => {
    if (await ended().catch(() => false)) window.location.reload();
    else window.setTimeout(look, 2000);
  };
  window.setTimeout(look, 2000);
});

// An icon beside words is for the eye only: without this a screen reader reads its name too, "inventory_2 Stock".
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  for (const icon of document.querySelectorAll("a .material-symbols-outlined, button .material-symbols-outlined")) {
    const words = icon.closest("a, button").textContent.trim();
    if (words !== icon.textContent.trim()) icon.setAttribute("aria-hidden", "true");
  }
});
