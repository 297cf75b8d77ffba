// Keeps a part of a page up to date while it says so: <div id="…" data-live="milliseconds">.
// The page is asked for again and the part is put in place; the cursor stays where it was.
"use strict";

(() => {
  const LONGEST = 15000;
  let wait = 0;

  const refresh = async (part) => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected) return location.reload();
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part.id);
    if (!fresh) return location.reload();
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    part.replaceWith(fresh);
    if (focused) document.getElementById(focused)?.focus();
  };

  const later = () => {
    const part = document.querySelector("[data-live]");
    if (!part) return;
    wait = Math.max(wait, Number(part.dataset.live));
    setTimeout(async () => {
      if (!document.hidden) {
        try {
          await refresh(part);
          wait = 0;
        } catch {
          wait = Math.min(wait * 2, LONGEST);
        }
      }
      later();
    }, wait);
  };

  later();
})();
