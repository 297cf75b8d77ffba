// A text field that suggests (the ARIA combobox with a listbox): arrows choose, Enter or a click
// takes, Escape closes. Enter waits for the answer to what was typed, so that a scanner may be quick.
"use strict";

window.kapell = window.kapell || {};

// `ask(term)` resolves to things found, `show(thing)` gives the nodes of its option, `take(thing)`
// uses it; `leave(term)` is called on Enter when nothing fits. `say(count)` tells how many there are.
kapell.combobox = ({ input, list, ask, show, take, leave, say }) => {
  const PAUSE = 150;
  let found = [], active = -1, asked = "", waiting = null, latest = 0;

  const close = () => {
    list.hidden = true;
    [found, active] = [[], -1];
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const mark = (index) => {
    active = index;
    [...list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
    const option = list.children[active];
    if (!option) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  const open = () => {
    list.replaceChildren(...found.map((thing, place) => {
      const option = document.createElement("li");
      option.role = "option";
      option.id = `${list.id}-${place}`;
      option.append(...show(thing));
      option.addEventListener("mousedown", (event) => event.preventDefault());
      option.addEventListener("click", () => use(thing));
      return option;
    }));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(found.length ? 0 : -1);
    say(found.length);
  };

  const use = (thing) => {
    clearTimeout(waiting);
    latest += 1;
    close();
    take(thing);
  };

  // Only the answer to the last question counts.
  const look = async () => {
    clearTimeout(waiting);
    const term = input.value.trim(), turn = ++latest;
    const answer = term ? await ask(term) : [];
    if (turn !== latest) return false;
    asked = term;
    if (document.activeElement !== input || !term) close();
    else {
      found = answer;
      open();
    }
    return true;
  };

  const enter = async () => {
    const term = input.value.trim();
    if (term && asked !== term && !(await look())) return;
    if (term && asked === term && found.length) use(found[Math.max(active, 0)]);
    else {
      close();
      leave(term);
    }
  };

  const keys = {
    ArrowDown: () => (list.hidden ? look() : mark((active + 1) % found.length)),
    ArrowUp: () => !list.hidden && mark((active - 1 + found.length) % found.length),
    Enter: enter,
    Escape: close,
  };

  input.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, PAUSE);
  });
  input.addEventListener("blur", () => {
    clearTimeout(waiting);
    latest += 1;
    asked = "";
    close();
  });
  input.setAttribute("aria-controls", list.id);
};
