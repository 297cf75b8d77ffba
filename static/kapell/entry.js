// New order: collects the form, shows what it comes to while somebody types, and places it.
// The form's fields carry the JSON path of what they hold; faults come back with the same paths.
"use strict";

(() => {
  const form = document.querySelector(".k-entry");
  if (!form) return;
  const start = JSON.parse(form.dataset.start), say = start.say;
  const at = (id) => document.getElementById(id);
  const token = form.elements.csrfmiddlewaretoken.value;
  const PAUSE = 250;

  // ---------------------------------------------------------------- talking to the server

  const ask = async (name, params) => {
    const answer = await fetch(`${start.urls[name]}?${new URLSearchParams(params)}`);
    if (answer.redirected || !answer.ok) throw new Error(answer.status);
    return answer.json();
  };

  const send = async (name, signal) => {
    const answer = await fetch(start.urls[name], {
      method: "POST", signal, redirect: "manual", body: JSON.stringify(collected()),
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    });
    if (answer.type === "opaqueredirect" || answer.status === 403) return { told: say.signed_out, faults: [] };
    return answer.json();
  };

  // ---------------------------------------------------------------- the form as data

  const rows = () => [...at("e-lines").children];
  const part = (row, name) => row.querySelector(`[data-part="${name}"]`);
  const typed = (row) => part(row, "sku").value.trim() !== "";

  const collected = () => {
    const sheet = { token: start.token };
    for (const field of form.querySelectorAll("[data-path]")) {
      const names = field.dataset.path.slice(2).split("."), last = names.pop();
      let place = sheet;
      for (const name of names) place = place[name] ||= {};
      place[last] = field.type === "checkbox" ? field.checked : field.value;
    }
    sheet.shipping_tax_rate = at("e-rate").value;
    if (!at("e-billing").open) delete sheet.billing_address;
    const names = ["sku", "quantity", "unit_price", "discount_amount", "tax_rate"];
    sheet.lines = rows().filter(typed).map((row) => Object.fromEntries(names.map((name) => [name, part(row, name).value])));
    return sheet;
  };

  const put = (values, prefix) => {
    for (const field of form.querySelectorAll(`[data-path^="$.${prefix}."]`)) {
      const name = field.dataset.path.split(".").pop();
      if (name in values) field.value = values[name] ?? "";
    }
  };

  // ---------------------------------------------------------------- faults beside their fields

  const fieldAt = (path) => {
    const line = path.match(/^\$\.lines\[(\d+)\]\.?(\w+)?/);
    if (line) {
      const row = rows().filter(typed)[Number(line[1])];
      return row && (part(row, line[2] || "sku") || part(row, "sku"));
    }
    const quoted = CSS.escape(path);
    return form.querySelector(`[data-fault="${quoted}"]`) || form.querySelector(`[data-path="${quoted}"]`);
  };

  const forgive = (field) => {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    const told = field.matches(".k-fault") ? null : field.parentElement.querySelector(":scope > .k-fault");
    if (told) told.remove();
    else if (field.matches(".k-fault")) field.textContent = "";
  };

  const blame = (field, text) => {
    if (field.matches(".k-fault")) return (field.textContent = text);
    const told = document.createElement("p");
    told.className = "k-fault";
    told.id = `e-fault-${field.id || Math.random().toString(36).slice(2)}`;
    told.textContent = text;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", told.id);
    const fold = field.closest("details");
    if (fold) fold.open = true;
    field.parentElement.append(told);
  };

  const showFaults = (faults, told) => {
    form.querySelectorAll("[aria-invalid]").forEach(forgive);
    form.querySelectorAll(".k-fault[data-fault]").forEach(forgive);
    const fields = [], loose = told ? [told] : [];
    for (const fault of faults) {
      const field = fieldAt(fault.path);
      if (!field) loose.push(fault.text);
      else if (!fields.includes(field)) {
        blame(field, fault.text);
        fields.push(field);
      }
    }
    const trouble = at("e-trouble");
    trouble.replaceChildren(...[...(fields.length ? [say.wrong] : []), ...loose].map((text) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = text;
      return paragraph;
    }));
    trouble.hidden = !trouble.children.length;
    fields.sort((one, other) => (one.compareDocumentPosition(other) & 4 ? -1 : 1));
    if (fields.length) fields[0].focus();
    else if (!trouble.hidden) trouble.scrollIntoView({ block: "center" });
  };

  // ---------------------------------------------------------------- what it comes to

  const notes = (list, told) => list.replaceChildren(...told.map((note) => {
    const item = document.createElement("li");
    item.className = `k-note k-${note.tone}`;
    item.textContent = note.text;
    return item;
  }));

  const pairs = (list, told) => list.replaceChildren(...told.flatMap((one) => {
    const [label, amount] = [document.createElement("dt"), document.createElement("dd")];
    [label.textContent, amount.textContent] = [one.label, one.amount];
    if (one.is_sum) [label, amount].forEach((cell) => cell.classList.add("k-sum"));
    return [label, amount];
  }));

  const showPreview = (told) => {
    pairs(at("e-totals"), told.totals || []);
    at("e-total").textContent = told.total || "";
    pairs(at("e-promise"), told.promise || []);
    notes(at("e-notes"), [...(told.notes || []), ...(told.told ? [{ tone: "bad", text: told.told }] : [])]);
    rows().filter(typed).forEach((row, place) => {
      const line = (told.lines || {})[place] || {};
      part(row, "amount").lastElementChild.textContent = line.amount || "";
      part(row, "about").textContent = [line.name, line.available].filter(Boolean).join(" · ") || row.dataset.about || "";
      notes(part(row, "notes"), line.notes || []);
    });
  };

  let waiting = null, running = null, dirty = false, busy = false;
  const preview = () => {
    dirty = true;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      running?.abort();
      running = new AbortController();
      try {
        showPreview(await send("preview", running.signal));
      } catch (error) {
        if (error.name !== "AbortError") notes(at("e-notes"), [{ tone: "bad", text: say.no_answer }]);
      }
    }, PAUSE);
  };

  // ---------------------------------------------------------------- suggestions

  const suggest = (name, params) => async (term) => {
    try {
      return (await ask(name, { q: term, ...params() })).found;
    } catch {
      return [];
    }
  };
  const count = (number) => (at("e-status").textContent = number ? say.count.replace("%(count)s", number) : say.none);
  const text = (kind, words) => {
    const node = document.createElement("span");
    [node.className, node.textContent] = [kind, words];
    return node;
  };
  const option = (thing) => [
    text("k-option-head", thing.title), text("k-option-text", thing.text),
    text("k-option-note", [thing.price, thing.available, thing.mark].filter(Boolean).join(" · ")),
  ];

  // ---------------------------------------------------------------- who and where to

  let book = [];
  const chooseAddress = () => {
    const chosen = book[Number(at("e-book").value)];
    if (chosen) put(chosen.parts, "shipping_address");
    at("e-delivery").open = !chosen;
    preview();
  };

  const offerBook = (addresses, other) => {
    book = addresses;
    const options = [...addresses.map((one) => one.text), other].map((label, place) => new Option(label, place));
    at("e-book").replaceChildren(...options);
    at("e-book-field").hidden = !addresses.length;
  };

  const showEarlier = (orders) => {
    at("e-earlier").hidden = !orders.length;
    at("e-earlier-list").replaceChildren(...orders.map((order) => {
      const [item, link] = [document.createElement("li"), document.createElement("a")];
      [link.href, link.textContent] = [order.copy, `${order.number} · ${order.text}`];
      item.append(link);
      return item;
    }));
  };

  const known = (customer) => {
    at("e-customer").value = customer ? customer.id : "";
    at("e-chosen").hidden = !customer;
    if (!customer) return;
    [at("e-chosen-name").href, at("e-chosen-name").textContent] = [customer.url, customer.title];
    at("e-chosen-notes").replaceChildren(...customer.notes.map((note) => text(`k-badge k-${note.tone}`, note.text)));
  };

  const choose = async (id, keepsAddress) => {
    const customer = await ask("customer", { customer: id });
    known(customer);
    put(customer.contact, "customer");
    offerBook(customer.addresses, say.known);
    showEarlier(customer.orders);
    if (!rows().some(typed)) chooseCurrency(customer.currency);
    if (customer.terms !== null && !keepsAddress) {
      [at("e-payment").value, at("e-days").value] = ["terms", customer.terms];
      choosePayment();
    }
    if (!keepsAddress) chooseAddress();
    preview();
    return customer;
  };

  kapell.combobox({
    input: at("e-find"), list: at("e-found"), say: count, show: option, ask: suggest("customers", () => ({})),
    take: async (person) => {
      at("e-find").value = "";
      focusLines(); // at once: whoever types on must not be interrupted
      const customer = await choose(person.id);
      if (!customer.addresses.length && !rows().some(typed)) at("e-shipping_address-line1").focus();
    },
    leave: () => at("e-name").focus(),
  });

  at("e-other").addEventListener("click", () => {
    known(null);
    put({ name: "", company: "", email: "", phone: "" }, "customer");
    put({ name: "", company: "", line1: "", line2: "", city: "", region: "", postal_code: "" }, "shipping_address");
    offerBook([], "");
    showEarlier([]);
    at("e-delivery").open = true;
    at("e-find").focus();
    preview();
  });
  at("e-book").addEventListener("change", chooseAddress);

  // ---------------------------------------------------------------- lines

  const focus = (field) => {
    field.focus();
    field.select?.();
  };
  const focusLines = () => focus(part(rows().find((row) => !typed(row)) || addLine(), "sku"));

  // A scanned product that is there already is counted up; a line that somebody typed is left alone.
  const takeProduct = (row, product) => {
    const same = product.is_scanned && rows().find((other) => other !== row && other.dataset.sku === product.sku);
    const line = same || row;
    if (same) part(row, "sku").value = "";
    part(line, "sku").value = line.dataset.sku = product.sku;
    line.dataset.about = product.text;
    part(line, "quantity").value = product.is_scanned ? Number(same ? part(line, "quantity").value : 0) + product.units : part(line, "quantity").value || 1;
    if (!line.dataset.priced) part(line, "unit_price").value = product.unit_price;
    if (product.is_scanned) focusLines();
    else focus(part(line, "quantity"));
    preview();
  };

  const addLine = (values = {}) => {
    const row = at("e-line").content.firstElementChild.cloneNode(true), number = addLine.made = (addLine.made || 0) + 1;
    const sku = part(row, "sku"), list = row.querySelector(".k-options");
    [sku.id, list.id] = [`e-sku-${number}`, `e-skus-${number}`];
    part(row, "tax_rate").value = values.tax_rate ?? at("e-rate").value;
    for (const name of ["sku", "quantity", "unit_price"]) part(row, name).value = values[name] ?? "";
    if (values.name) row.dataset.about = values.name;
    if (values.was) offerOldPrice(row, values);
    kapell.combobox({
      input: sku, list, say: count, show: option,
      ask: suggest("products", () => ({ currency: at("e-currency").value })),
      take: (product) => takeProduct(row, product),
      leave: (term) => (term ? focus(part(row, "quantity")) : at("e-method").focus()),
    });
    part(row, "unit_price").addEventListener("input", () => (row.dataset.priced = "yes"));
    part(row, "tax_rate").addEventListener("input", () => (row.dataset.taxed = "yes"));
    part(row, "remove").addEventListener("click", () => {
      const next = row.nextElementSibling || row.previousElementSibling;
      row.remove();
      focus(part(next || addLine(), "sku"));
      preview();
    });
    at("e-lines").append(row);
    return row;
  };

  const offerOldPrice = (row, values) => {
    const button = part(row, "was");
    button.hidden = false;
    button.textContent = values.was_told;
    button.addEventListener("click", () => {
      part(row, "unit_price").value = values.was;
      [row.dataset.priced, button.hidden] = ["yes", true];
      focus(part(row, "unit_price"));
      preview();
    });
  };

  at("e-lines").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.target.matches("button")) return;
    event.preventDefault();
    const row = event.target.closest(".k-entry-line");
    focus(part(row.nextElementSibling || addLine(), "sku"));
  });
  at("e-add").addEventListener("click", () => focus(part(addLine(), "sku")));
  at("e-rate").addEventListener("input", () => rows().filter((row) => !row.dataset.taxed).forEach((row) => (part(row, "tax_rate").value = at("e-rate").value)));

  // List prices of another currency, where nobody typed a price.
  const priceAgain = async () => {
    for (const row of rows().filter((one) => typed(one) && !one.dataset.priced)) {
      const [product] = await suggest("products", () => ({ currency: at("e-currency").value }))(part(row, "sku").value);
      if (product?.is_exact) part(row, "unit_price").value = product.unit_price;
    }
    preview();
  };

  // ---------------------------------------------------------------- channel, payment, keys

  const chooseChannel = () => {
    const rules = start.channels[at("e-channel").value];
    for (const one of at("e-currency").options) one.hidden = one.disabled = !rules.currencies.includes(one.value);
    at("e-currency").value = rules.currencies[0];
    at("e-currency").closest("label").hidden = rules.currencies.length === 1;
    at("e-gross").checked = rules.prices_include_tax;
    at("e-rate").value = rules.tax_rate;
    at("e-rate").dispatchEvent(new Event("input"));
    for (const name of ["shipping_address", "billing_address"]) at(`e-${name}-country`).value = rules.country;
  };
  const chooseCurrency = (currency) => {
    if (start.channels[at("e-channel").value].currencies.includes(currency)) at("e-currency").value = currency;
  };
  const choosePayment = () => {
    for (const field of form.querySelectorAll("[data-for-payment]")) field.hidden = field.dataset.forPayment !== at("e-payment").value;
  };
  at("e-channel").addEventListener("change", () => {
    chooseChannel();
    priceAgain();
  });
  at("e-currency").addEventListener("change", priceAgain);
  at("e-payment").addEventListener("change", choosePayment);

  const next = (field) => {
    const fields = [...form.querySelectorAll("input, select, textarea, button")].filter((one) => one.offsetParent && one.type !== "hidden");
    fields[fields.indexOf(field) + 1]?.focus();
  };

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      place();
    } else if (event.target.matches("input, select") && !event.defaultPrevented) {
      event.preventDefault();
      next(event.target);
    }
  });
  form.addEventListener("input", (event) => {
    if (event.target.id === "e-find") return;
    if (event.target.hasAttribute("aria-invalid")) forgive(event.target);
    preview();
  });
  form.addEventListener("toggle", preview, true);

  // ---------------------------------------------------------------- placing

  const place = async () => {
    if (busy) return;
    busy = at("e-place").disabled = true;
    try {
      const told = await send("place");
      if (told.url) {
        dirty = false;
        return location.assign(told.url);
      }
      showFaults(told.faults, told.told);
    } catch {
      showFaults([], say.no_answer);
    }
    busy = at("e-place").disabled = false;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    place();
  });
  window.addEventListener("beforeunload", (event) => dirty && event.preventDefault());

  // ---------------------------------------------------------------- where it starts

  const begin = async () => {
    const copied = start.copied;
    if (copied?.channel) at("e-channel").value = copied.channel;
    chooseChannel();
    choosePayment();
    if (copied) {
      chooseCurrency(copied.currency);
      at("e-gross").checked = copied.prices_include_tax;
      put(copied.contact, "customer");
      put(copied.shipping_address, "shipping_address");
      put(copied.billing_address, "billing_address");
      at("e-billing").open = Boolean(copied.billing_address.line1);
      [at("e-method").value, at("e-shipping").value] = [copied.shipping_method, copied.shipping_amount];
      copied.lines.forEach(addLine);
    }
    if (start.customer) await choose(start.customer, Boolean(copied));
    if (copied) at("e-delivery").open = !copied.shipping_address.line1;
    addLine();
    if (start.customer || copied) focusLines();
    else at("e-find").focus();
    if (copied) preview();
    dirty = Boolean(copied);
  };
  begin();
})();
