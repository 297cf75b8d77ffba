// Choosing rows of a list: the whole page at once, a range with Shift, and how many there are.
"use strict";

document.querySelectorAll("[data-choice]").forEach((form) => {
  const boxes = [...form.querySelectorAll("input[name=ids]")];
  const page = form.querySelector("[data-choice-page]");
  const everything = form.querySelector("[data-choice-everything]");
  const count = form.querySelector("[data-choice-count]");
  let last = null;

  const show = () => {
    const number = boxes.filter((box) => box.checked).length;
    if (count) count.textContent = number;
    if (page) {
      page.checked = number === boxes.length;
      page.indeterminate = number > 0 && number < boxes.length;
    }
    if (everything && number < boxes.length) everything.checked = false;
    form.toggleAttribute("data-everything", Boolean(everything?.checked));
  };

  form.addEventListener("click", (event) => {
    const box = event.target;
    if (box.name !== "ids") return;
    if (event.shiftKey && last) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(from, to + 1).forEach((one) => (one.checked = box.checked));
    }
    last = box;
    show();
  });
  page?.addEventListener("change", () => {
    boxes.forEach((box) => (box.checked = page.checked));
    show();
  });
  everything?.addEventListener("change", () => {
    if (everything.checked) boxes.forEach((box) => (box.checked = true));
    show();
  });
  form.addEventListener("reset", () => setTimeout(show));
  form.addEventListener("submit", () => {
    // What is meant is all that match, so the ticked ones need not be in the address.
    if (everything?.checked) boxes.forEach((box) => (box.disabled = true));
  });
  window.addEventListener("pageshow", () => {
    boxes.forEach((box) => (box.disabled = false));
    show();
  });
});

// How many each view of a list holds, asked for when the list itself is there.
document.querySelectorAll("[data-counts]").forEach(async (tabs) => {
  tabs.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  const answer = await fetch(tabs.dataset.counts, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) return;
  const counts = await answer.json();
  tabs.querySelectorAll("[data-view]").forEach((place) => {
    place.textContent = counts[place.dataset.view] ?? "";
    place.hidden = !place.textContent;
  });
});
