// A file may be dropped on the field that asks for it; once sent, it is not sent again.
"use strict";

for (const form of document.querySelectorAll("form[data-upload]")) {
  const place = form.querySelector(".k-drop");
  const field = place.querySelector("input[type=file]");
  const button = form.querySelector("[data-sending]");
  place.querySelector("[data-drop]").hidden = false;
  field.hasChangeListener = true; // the theme would look for a text field of its own beside it

  const over = (event) => {
    event.preventDefault();
    place.classList.add("k-over");
  };
  const away = () => place.classList.remove("k-over");
  place.addEventListener("dragenter", over);
  place.addEventListener("dragover", over);
  place.addEventListener("dragleave", away);
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    away();
    if (event.dataTransfer.files.length) field.files = event.dataTransfer.files;
  });
  form.addEventListener("submit", () => {
    button.disabled = true;
    button.lastElementChild.textContent = button.dataset.sending;
  });
}
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[data-sending]")) button.disabled = false;
});
