
"use strict";
// The page can be read without this: it makes the matrix open its pictures in place.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  const links = all(".matrix a");
  const groups = all("#cells .group");
  const said = document.getElementById("cell-said");
  const groupOf = (link) => document.getElementById(link.hash.slice(1)).closest(".group");

  function select(link) {
    for (const other of links) {
      other.removeAttribute("aria-current");
      other.tabIndex = -1;
    }
    for (const group of groups) group.hidden = true;
    if (!link) return;
    link.tabIndex = 0;
    link.setAttribute("aria-current", "true");
    const group = groupOf(link);
    group.hidden = false;
    group.open = true;
    said.textContent = link.getAttribute("aria-label");
  }

  function clear() {
    const link = links.find((one) => one.hasAttribute("aria-current"));
    select(null);
    (link || links[0]).tabIndex = 0;
    said.textContent = "No cell is open.";
  }

  // Where the arrow leads from a cell: to the next one in that direction that has pictures.
  function neighbour(link, key) {
    const cell = link.closest("td");
    const row = cell.parentElement;
    if (key === "Home") return all("a", row)[0];
    if (key === "End") return all("a", row).at(-1);
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const inRow = all("a", row);
      return inRow[inRow.indexOf(link) + (key === "ArrowRight" ? 1 : -1)];
    }
    const side = key === "ArrowDown" ? "nextElementSibling" : "previousElementSibling";
    for (let other = row[side]; other; other = other[side]) {
      const found = other.cells[cell.cellIndex].querySelector("a");
      if (found) return found;
    }
    return undefined;
  }

  for (const link of links) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      select(link);
    });
    link.addEventListener("keydown", (event) => {
      if (event.key === " ") {
        event.preventDefault();
        select(link);
        return;
      }
      if (event.key === "Escape") return clear();
      if (!/^(Arrow|Home|End)/.test(event.key)) return;
      const next = neighbour(link, event.key);
      event.preventDefault();
      if (!next) return;
      link.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
  }
  document.getElementById("cells")?.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const link = links.find((one) => one.hasAttribute("aria-current"));
    clear();
    link?.focus();
  });
  if (links.length) {
    const asked = links.find((link) => link.hash === location.hash);
    const first = links.find((link) => groupOf(link) === groups[0]);
    select(asked || first);
    said.textContent = "";
  }

  const switches = all("[data-look]");
  for (const button of switches) {
    button.addEventListener("click", () => {
      for (const other of switches) other.setAttribute("aria-pressed", String(other === button));
      for (const card of all(".card")) {
        const choices = all("input", card);
        const wanted = choices[button.dataset.look === "heat" ? 1 : 0];
        if (wanted) wanted.checked = true;
      }
    });
  }

  const copy = document.getElementById("copy");
  copy?.addEventListener("click", async () => {
    const command = document.getElementById("command");
    getSelection().selectAllChildren(command);
    try {
      await navigator.clipboard.writeText(command.textContent);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Selected";
    }
  });
})();
