// Paints each picture of the event stream, and sends the buttons' commands. Pictures are complete, so a lost
// connection needs no catching up. Decides nothing about what is counted.

const token = document.querySelector('meta[name="demo-token"]').content;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const at = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
const FAILED = -1;
const MOST_PROCESSES = 24;
const DEATH_MS = 760;
const LEAVE_MS = 620;

const tiles = new Map(); // pid -> the tile and the process last shown on it
const ghosts = new Map(); // slot -> tiles of the dead that still hold their place
const struck = new Set(); // pids whose button was pressed
let run;
let heir; // the slot whose next kill button takes over the keyboard focus

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function uptime(ms) {
  const s = Math.floor(ms / 1000);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} m ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} m`;
}

async function act(name, body) {
  const answer = await fetch(`/demo/actions/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Tokenhouse-Demo": token },
    body: JSON.stringify(body ?? {}),
  }).catch(() => undefined);
  // Another demo serves this address by now, with another token.
  if (answer?.status === 403) location.reload();
}

function kill(pid, tile, byKeyboard) {
  struck.add(pid);
  tile.element.querySelector(".kill").disabled = true;
  if (byKeyboard) heir = tile.process.slot;
  act("kill", { pid });
}

function born(process) {
  const element = at("tile").content.firstElementChild.cloneNode(true);
  const part = (name) => element.querySelector(name);
  const tile = {
    element,
    process,
    parts: {
      phase: part(".phase"), replaced: part(".replaced"), gap: part(".replaced b"), pid: part(".pid b"), id: part(".id"),
      answered: part(".answered"), up: part(".up"), kill: part(".kill"),
    },
  };
  element.dataset.colour = process.colour;
  put(tile.parts.pid, String(process.pid));
  tile.parts.kill.setAttribute("aria-label", `Kill process ${process.pid} with signal 9`);
  tile.parts.kill.addEventListener("click", (event) => kill(process.pid, tile, event.detail === 0));
  tiles.set(process.pid, tile);
  return tile;
}

function show(tile, process) {
  const { parts, element } = tile;
  if (process.replaced_ms !== null && tile.process.replaced_ms !== process.replaced_ms) {
    put(at("news"), `A process was killed. Process ${process.pid} took its place in ${process.replaced_ms} milliseconds.`);
  }
  tile.process = process;
  element.dataset.phase = process.phase;
  put(parts.phase, process.phase);
  parts.replaced.hidden = process.replaced_ms === null;
  put(parts.gap, `${process.replaced_ms} ms`);
  put(parts.id, process.id ?? "");
  put(parts.answered, number.format(process.answered));
  put(parts.up, uptime(process.up_ms));
  parts.kill.disabled = struck.has(process.pid);
}

function loosen(tile) {
  const { element } = tile;
  const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = element;
  Object.assign(element.style, {
    left: `${offsetLeft}px`, top: `${offsetTop}px`, width: `${offsetWidth}px`, height: `${offsetHeight}px`,
  });
  element.classList.add("loose");
}

function fate({ pid, phase }, listed) {
  if (listed) return "replaced";
  return phase === "stopping" && !struck.has(pid) ? "stopped" : "killed";
}

// A tile that goes keeps its place in the grid until its successor needs it, so that nothing jumps.
function leave(tile, listed) {
  const { element, process } = tile;
  const end = fate(process, listed);
  const focused = element.contains(document.activeElement);
  struck.delete(process.pid);
  tiles.delete(process.pid);
  if (focused) heir = process.slot;
  if (still.matches) {
    element.remove();
    return;
  }
  element.inert = true;
  element.classList.add("ghost");
  element.classList.toggle("leaving", end !== "killed");
  element.querySelector(".face").dataset.fate = end;
  const held = ghosts.get(process.slot) ?? [];
  ghosts.set(process.slot, [...held, tile]);
  setTimeout(() => {
    element.remove();
    ghosts.set(process.slot, (ghosts.get(process.slot) ?? []).filter((other) => other !== tile));
  }, end === "killed" ? DEATH_MS : LEAVE_MS);
}

// While one process takes over from another they share a place: the newest that is ready is on show there.
function onShow(listed) {
  const rank = { ready: 2, starting: 1, stopping: 0 };
  const places = new Map();
  for (const process of listed) {
    const other = places.get(process.slot);
    if (!other || rank[process.phase] >= rank[other.phase]) places.set(process.slot, process);
  }
  return [...places.values()];
}

function paintTiles(listed) {
  const processes = onShow(listed);
  const shown = new Set(processes.map((process) => process.pid));
  const alive = new Set(listed.map((process) => process.pid));
  for (const [pid, tile] of [...tiles]) if (!shown.has(pid)) leave(tile, alive.has(pid));
  for (const { slot } of processes) {
    for (const ghost of ghosts.get(slot) ?? []) {
      if (!ghost.element.classList.contains("loose")) loosen(ghost);
    }
  }
  let before = null;
  for (const process of processes) {
    const tile = tiles.get(process.pid) ?? born(process);
    show(tile, process);
    const next = before ? before.nextElementSibling : at("tiles").firstElementChild;
    if (tile.element !== next) {
      if (before) before.after(tile.element);
      else at("tiles").prepend(tile.element);
    }
    before = tile.element;
    // Return pressed again and again kills again and again.
    if (heir === process.slot && process.phase === "ready" && !struck.has(process.pid)) {
      heir = undefined;
      tile.parts.kill.focus({ preventScroll: true });
    }
  }
}

function paintBar(recent) {
  const bar = at("bar");
  while (bar.childElementCount < 100) bar.append(document.createElement("i"));
  const empty = 100 - recent.length;
  [...bar.children].forEach((stripe, index) => {
    const colour = recent[index - empty];
    stripe.classList.toggle("failed", colour === FAILED);
    if (colour >= 0) stripe.dataset.colour = colour;
    else delete stripe.dataset.colour;
  });
}

function paintCounts({ counts, rate, mishaps }) {
  for (const name of ["requests", "retries", "held", "died"]) put(at(name), number.format(counts[name]));
  for (const name of ["failed", "logins_lost", "writes_lost", "revocations_missed"]) {
    const cell = at(name);
    put(cell, number.format(counts[name]));
    (cell.closest(".counter") ?? cell).classList.toggle("broken", counts[name] > 0);
  }
  put(at("rate"), number.format(rate));
  at("mishaps").hidden = mishaps.length === 0;
  at("mishap-list").replaceChildren(...mishaps.map(({ after_s, what }) => {
    const line = document.createElement("li");
    const time = document.createElement("time");
    const text = document.createElement("span");
    time.textContent = uptime(after_s * 1000);
    text.textContent = what;
    line.append(time, text);
    return line;
  }));
}

function paint(picture) {
  run ??= picture.run;
  if (run !== picture.run) {
    location.reload();
    return;
  }
  const serving = picture.processes.filter((process) => process.phase !== "stopping").length;
  put(at("process-count"), String(serving));
  at("remove").disabled = serving <= 1;
  at("add").disabled = serving >= MOST_PROCESSES;
  paintTiles(picture.processes);
  paintBar(picture.recent);
  paintCounts(picture);
}

function linked(state, text) {
  at("link").dataset.state = state;
  put(at("link-text"), text);
}

for (const button of document.querySelectorAll("[data-action]")) {
  button.addEventListener("click", () => act(button.dataset.action));
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const code = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(code.textContent);
      put(button, "Copied");
      setTimeout(() => put(button, "Copy"), 1500);
    } catch {
      getSelection().selectAllChildren(code);
    }
  });
}

function follow() {
  const stream = new EventSource("/demo/events");
  stream.onmessage = ({ data }) => {
    linked("live", "live");
    if (data) paint(JSON.parse(data));
  };
  stream.onerror = () => {
    linked("lost", "the demo has ended, or is out of reach; still trying");
    // The browser tries again by itself, except after an answer that was no stream.
    if (stream.readyState === EventSource.CLOSED) setTimeout(follow, 2000);
  };
}

follow();
