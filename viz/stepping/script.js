// The behaviour of a step page. Every number that is shown was written by the engine; this
// script only chooses which to show. Text enters the page by textContent alone.
"use strict";
(() => {
  const main = document.querySelector("main.stepper");
  const prefix = main.dataset.prefix;
  const part = (name) => document.getElementById(prefix + name);
  const data = JSON.parse(part("data").textContent);
  const text = (i) => data.texts[i];
  const FORWARD = 0, SEED = 1, BACKWARD = 2;
  const PAUSE = 1100, PAUSE_BETWEEN_UPDATES = 700, GLIDE = 320;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  const state = {
    view: data.view, step: 0, frame: 0, node: -1, route: -1, follow: true, weights: false,
    timer: null, training: null,
  };

  // ---------------------------------------------------------------- building elements

  function make(tag, className, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children.filter((child) => child !== null));
    return made;
  }

  const LOWERED = "₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ";
  const AS_TYPED = "0123456789+−aehijklmnoprstuvxβγρφχ";
  const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";
  const RAISED_AS_TYPED = "0123456789−";
  const PIECES = new RegExp(
    `(\\p{L}\\u0302?)+(?![${LOWERED}]*\\p{Lu})|[${LOWERED}](?:[${LOWERED},]*[${LOWERED}])?|[${RAISED}]+|.`, "gu",
  );
  const typed = (piece, from, to) =>
    [...piece].map((c) => (from.includes(c) ? [...to][[...from].indexOf(c)] : c)).join("");

  // Set a formula or a name: single letters slanted, indices lowered, powers raised.
  function math(formula) {
    const set = document.createDocumentFragment();
    for (const [piece] of formula.matchAll(PIECES)) {
      const first = piece[0];
      if (LOWERED.includes(first)) set.append(make("sub", "", typed(piece, LOWERED, AS_TYPED)));
      else if (RAISED.includes(first)) set.append(make("sup", "", typed(piece, RAISED, RAISED_AS_TYPED)));
      else if ([...piece.normalize("NFC")].length === 1 && /\p{L}/u.test(first)) set.append(make("i", "", piece));
      else set.append(piece);
    }
    return set;
  }

  function derivative(above, below) {
    return make("span", "frac",
      make("span", "top", "∂", math(above)), make("span", "bar", "/"), make("span", "low", "∂", math(below)));
  }

  // A line may break before a sign, not after it.
  const sign = (character) => make("span", "sign", ` ${character}\u00a0`);
  const whole = (formula) => make("span", "whole", math(formula));
  const factor = (shown) => (shown.startsWith("−") ? `(${shown})` : shown);
  const equation = (className, ...children) => make("div", `eq ${className}`, ...children);

  // ---------------------------------------------------------------- what is true at a step

  const view = () => data.views[state.view];
  const frame = () => view().frames[state.frame];
  const name = (k) => text(view().names[k]);
  const rootPlace = () => view().names.length - 1;

  // Everything that the steps up to here have computed: values, running sums, finished sums.
  function situation() {
    const { steps, sources, kinds } = view();
    const known = kinds.map((kind) => kind !== "computed");
    const sums = kinds.map(() => null);
    const swept = kinds.map(() => false);
    let seeded = false;
    for (const [phase, k] of steps.slice(0, state.step)) {
      if (phase === FORWARD) known[k] = true;
      if (phase === SEED) {
        seeded = true;
        sums[k] = frame().grads[k];
      }
      if (phase === BACKWARD) {
        swept[k] = true;
        frame().additions[k].forEach((addition, slot) => {
          if (addition) sums[sources[k][slot]] = addition[2];
        });
      }
    }
    const waiting = kinds.map(() => false);
    sources.forEach((row, k) => {
      for (const source of row) if (!swept[k]) waiting[source] = true;
    });
    const complete = waiting.map((still, k) => seeded && !still && kinds[k] !== "constant");
    return { known, sums, swept, seeded, complete };
  }

  const sumText = (now, k) => (now.sums[k] === null ? (now.seeded ? "0" : "–") : text(now.sums[k]));

  // ---------------------------------------------------------------- the graph

  const shapes = {};
  for (const key of Object.keys(data.views)) {
    const found = { boxes: [], circles: [], results: [], edges: [], svg: part(key).querySelector("svg") };
    data.views[key].sources.forEach((row, k) => {
      found.boxes.push(part(`${key[0]}-n${k}`));
      found.circles.push(part(`${key[0]}-o${k}`));
      found.results.push(part(`${key[0]}-r${k}`));
      found.edges.push(row.map((_, slot) => part(`${key[0]}-e${k}_${slot}`)));
    });
    found.whole = found.svg.getAttribute("viewBox").split(" ").map(Number);
    found.shift = found.svg.firstElementChild.transform.baseVal.consolidate().matrix;
    found.boxes.forEach((box, k) => {
      box?.addEventListener("click", () => choose(k));
    });
    shapes[key] = found;
  }

  const mark = (element, className, on) => element?.classList.toggle(className, on);

  function drawGraph(now) {
    const here = shapes[state.view];
    const { sources, kinds, steps } = view();
    const [phase, at] = state.step ? steps[state.step - 1] : [null, -1];
    const onRoute = routeMarks();
    here.svg.classList.toggle("seeded", now.seeded);
    here.boxes.forEach((box, k) => {
      if (!box) return;
      const [shown, gradient] = box.querySelectorAll("text");
      shown.textContent = `${name(k)} = ${now.known[k] ? text(frame().data[k]) : "?"}`;
      gradient.textContent = kinds[k] === "constant" ? "constant" : `grad ${sumText(now, k)}`;
      mark(box, "known", now.known[k]);
      mark(box, "complete", now.complete[k]);
      mark(box, "now", k === at);
      mark(box, "receives", at >= 0 && phase !== SEED && sources[at].includes(k));
      mark(box, "chosen", k === state.node);
      mark(box, "route", onRoute.nodes.has(k));
      for (const line of [here.circles[k], here.results[k]]) {
        mark(line, "now", k === at && phase !== SEED);
        mark(line, "known", now.known[k]);
        mark(line, "swept", now.swept[k]);
        mark(line, "route", onRoute.entered.has(k));
      }
      here.edges[k].forEach((edge, slot) => {
        if (!edge) return;
        const label = edge.querySelector("text");
        if (label) label.textContent = text(frame().partials[k][slot]);
        mark(edge, "known", now.known[k]);
        mark(edge, "swept", now.swept[k]);
        mark(edge, "now", k === at && phase !== SEED);
        mark(edge, "route", onRoute.edges.has(`${k}_${slot}`));
      });
    });
  }

  function routeMarks() {
    const marks = { nodes: new Set(), entered: new Set(), edges: new Set() };
    if (state.node < 0) return marks;
    view().routes[state.node].forEach((route, i) => {
      if (state.route >= 0 && state.route !== i) return;
      for (const { node, slot, source } of hops(route)) {
        marks.nodes.add(node).add(source);
        marks.entered.add(node);
        marks.edges.add(`${node}_${slot}`);
      }
    });
    return marks;
  }

  // A path, from the root down: pairs of a node and the slot by which the path leaves it.
  function hops(route) {
    const found = [];
    for (let i = 0; i < route.length; i += 2) {
      const [node, slot] = [route[i], route[i + 1]];
      found.push({ node, slot, source: view().sources[node][slot] });
    }
    return found;
  }

  // ---------------------------------------------------------------- the camera

  let gliding = 0;

  function aim() {
    const here = shapes[state.view];
    const target = state.follow && state.step ? closeUp(here) : here.whole;
    cancelAnimationFrame(gliding);
    const from = here.svg.getAttribute("viewBox").split(" ").map(Number);
    const place = (box) => here.svg.setAttribute("viewBox", box.map((x) => x.toFixed(1)).join(" "));
    if (still.matches || from.every((x, i) => Math.abs(x - target[i]) < 1)) {
      place(target);
      return;
    }
    const begun = performance.now();
    const glide = (time) => {
      const share = Math.max(0, Math.min(1, (time - begun) / GLIDE));
      const eased = share * (2 - share);
      place(from.map((x, i) => x + (target[i] - x) * eased));
      if (share < 1) gliding = requestAnimationFrame(glide);
    };
    gliding = requestAnimationFrame(glide);
  }

  // The current node and its operands, no larger than they can be read well.
  function closeUp(here) {
    const [, at] = view().steps[state.step - 1];
    const boxes = [at, ...view().sources[at]].map((k) => here.boxes[k]).filter(Boolean);
    const edges = boxes.map((box) => box.getBBox());
    let [left, top] = [Math.min(...edges.map((b) => b.x)), Math.min(...edges.map((b) => b.y))];
    const width = Math.max(...edges.map((b) => b.x + b.width)) - left;
    const height = Math.max(...edges.map((b) => b.y + b.height)) - top;
    left += here.shift.e;
    top += here.shift.f;
    const [x, y, w, h] = here.whole;
    const stage = part("stage").getBoundingClientRect();
    const wanted = [Math.max(width + 90, stage.width / 1.5), Math.max(height + 60, stage.height / 1.5)];
    const scale = Math.min(stage.width / wanted[0], stage.height / wanted[1]);
    const size = [Math.min(w, stage.width / scale), Math.min(h, stage.height / scale)];
    const within = (low, wide, all, allWide) => Math.min(Math.max(low, all), all + allWide - wide);
    return [
      within(left + width / 2 - size[0] / 2, size[0], x, w),
      within(top + height / 2 - size[1] / 2, size[1], y, h),
      ...size,
    ];
  }

  // ---------------------------------------------------------------- this step

  const PHASES = ["Forward pass", "The seed", "Backward sweep"];

  function tellStep() {
    const { steps } = view();
    const [phase, at] = state.step ? steps[state.step - 1] : [null, -1];
    const title = part("what");
    let cards = [];
    part("phase").textContent = state.step
      ? `${PHASES[phase]} · step ${state.step} of ${steps.length}` : "Before the first step";
    if (phase === null) {
      title.textContent = "Given: the leaves";
      cards = givenCards();
    } else if (phase === FORWARD) {
      title.replaceChildren(heading(at), " is computed");
      cards = forwardCards(at);
    } else if (phase === SEED) {
      title.replaceChildren("The sweep starts at ", heading(at));
      cards = [equation("", derivative(data.root, name(at)), sign("="), make("span", "result", text(frame().grads[at]))),
        make("p", "hint", "A result changes exactly as fast as itself. Every other gradient starts from 0, and what arrives is added.")];
    } else {
      title.replaceChildren(heading(at), " hands its gradient down");
      cards = [arrived(at), ...view().sources[at].map((_, slot) => additionCard(at, slot)).filter(Boolean)];
    }
    part("arithmetic").replaceChildren(...cards);
    part("arithmetic").parentElement.scrollTop = 0;
    part("heard").textContent = `${part("phase").textContent}. ${spoken(phase, at)}`;
  }

  const heading = (k) => {
    const set = make("span", "eq");
    set.append(whole(name(k)));
    return set;
  };

  function givenCards() {
    const { kinds } = view();
    const leaves = kinds.flatMap((kind, k) => (kind === "leaf" ? [k] : []));
    const given = leaves.map((k) => make("span", "eq whole", math(name(k)), sign("="), math(text(frame().data[k]))));
    return [
      make("p", "hint", `${leaves.length} number${leaves.length === 1 ? " is" : "s are"} given. All others are computed from them, one step at a time. Press → to begin.`),
      make("div", "given", ...given),
    ];
  }

  function forwardCards(at) {
    const written = frame().definitions[at];
    const value = text(frame().data[at]);
    const lines = written.length
      ? [equation("", whole(name(at)), sign("="), math(text(written[0]))),
        text(written[1]) === value ? null : equation("", make("span", "go-on"), sign("="), math(text(written[1]))),
        equation("", make("span", "go-on"), sign("="), make("span", "result", math(value)))]
      : [equation("", whole(name(at)), sign("="), make("span", "result", math(value)))];
    const seen = new Set();
    const rules = view().sources[at].map((source, slot) => {
      const line = rule(at, slot);
      const already = seen.has(line.textContent);
      seen.add(line.textContent);
      return already || view().kinds[source] === "constant" ? null : line;
    });
    return [make("div", "card", ...lines.filter(Boolean)),
      make("p", "hint", "Recorded at the same moment, for the sweep:"), ...rules.filter(Boolean)];
  }

  // The local derivative of a node with respect to an operand: symbols, numbers, value.
  function rule(at, slot) {
    const source = view().sources[at][slot];
    const line = equation("rule", derivative(name(at), name(source)));
    const value = text(frame().partials[at][slot]);
    const written = frame().rules[at][slot].map(text);
    for (const shown of new Set([...written, value])) line.append(sign("="), math(shown));
    return line;
  }

  function arrived(at) {
    const ways = text(view().ways[at]);
    return make("div", "card", equation("", derivative(data.root, name(at)), sign("="), whole(text(frame().grads[at])),
      make("span", "note", ` complete: the sum over ${ways}`)));
  }

  function additionCard(at, slot) {
    const addition = frame().additions[at][slot];
    if (!addition) return null;
    const source = view().sources[at][slot];
    const [contribution, before, after] = addition.map(text);
    return make("div", "card",
      equation("", derivative(data.root, name(source)), sign("+="), derivative(data.root, name(at)),
        sign("·"), derivative(name(at), name(source))),
      equation("", make("span", "go-on"), sign("="), whole(text(frame().grads[at])), sign("×"),
        whole(factor(text(frame().partials[at][slot]))), sign("="), make("span", "result", whole(contribution))),
      make("div", "sum", make("span", "", `was ${before}`), "→", make("b", "", `now ${after}`),
        make("span", "muted", `${text(view().reached[at][slot])} of ${text(view().ways[source])} summed`)),
      frame().rules[at][slot].length ? rule(at, slot) : null);
  }

  function spoken(phase, at) {
    if (phase === null) return "The leaves are given.";
    if (phase === FORWARD) return `${name(at)} = ${text(frame().data[at])}.`;
    if (phase === SEED) return `The gradient of ${name(at)} is ${text(frame().grads[at])}.`;
    return view().sources[at].map((source, slot) => {
      const addition = frame().additions[at][slot];
      return addition ? `${name(source)} receives ${text(addition[0])}, now ${text(addition[2])}.` : "";
    }).join(" ");
  }

  // ---------------------------------------------------------------- the derivation of a node

  function tellDerivation(now) {
    const place = part("derivation");
    const { ways, routes, kinds } = view();
    part("weights").setAttribute("aria-pressed", String(state.weights));
    if (state.weights) {
      place.replaceChildren(weightTable());
      return;
    }
    const k = state.node;
    if (k < 0) {
      place.replaceChildren(make("p", "hint", "Choose a node, here or in the graph, to see every path from it and what each contributes."));
      return;
    }
    const written = frame().definitions[k];
    const told = [];
    if (written.length) {
      told.push(equation("", math(name(k)), sign("="), math(text(written[0])), sign("="), math(text(frame().data[k]))));
    }
    if (kinds[k] === "constant" || (!routes[k].length)) {
      told.push(make("p", "hint", "A constant: no gradient enters it."));
      place.replaceChildren(...told);
      return;
    }
    if (k === rootPlace()) {
      told.push(equation("", derivative(data.root, name(k)), sign("="), whole(text(frame().grads[k]))));
      place.replaceChildren(...told);
      return;
    }
    const shown = routes[k];
    const all = `${shown.length} path${shown.length === 1 ? "" : "s"}` === text(ways[k]);
    const terms = sumOfPaths(k, all);
    told.push(equation("", derivative(data.root, name(k)), ...(terms.length > 1 ? [sign("="), ...terms] : []),
      sign("="), make("span", "total", whole(text(frame().grads[k])))));
    told.push(make("div", "sum", make("span", "", "Summed so far:"), make("b", "", sumText(now, k)),
      make("span", "muted", `${arrivedPaths(k)} of ${text(ways[k])}`)));
    const list = make("ol", "paths", ...shown.map((route, i) => pathItem(k, route, i, now)));
    told.push(list);
    if (!all) told.push(make("p", "hint", `The ${shown.length} largest of ${text(ways[k])}.`));
    told.push(make("p", "hint", "The local derivatives on them:"), ...localDerivatives(shown));
    place.replaceChildren(...told);
  }

  function sumOfPaths(k, all) {
    const terms = frame().contributions[k].map(text);
    if (!all) terms.push(text(frame().rests[k]));
    return terms.flatMap((term, i) => {
      if (i === 0) return [whole(term)];
      return term.startsWith("−") ? [sign("−"), whole(term.slice(1))] : [sign("+"), whole(term)];
    });
  }

  // How many paths the running sum holds: what the last addition to it says.
  function arrivedPaths(k) {
    let reached = "0";
    for (const [phase, at] of view().steps.slice(0, state.step)) {
      if (phase !== BACKWARD) continue;
      view().sources[at].forEach((source, slot) => {
        if (source === k && frame().additions[at][slot]) reached = text(view().reached[at][slot]);
      });
    }
    return reached;
  }

  function pathItem(k, route, i, now) {
    const steps = hops(route);
    const complete = steps.every(({ node }) => now.swept[node]);
    const chain = make("button", "");
    chain.type = "button";
    chain.setAttribute("aria-pressed", String(state.route === i));
    chain.title = "Show this path alone";
    const line = make("span", "eq");
    [...steps].reverse().forEach(({ node, source }, place) => {
      if (place === 0) line.append(whole(name(source)));
      const hop = make("span", now.swept[node] ? "" : "ahead", sign("→"), whole(name(node)));
      line.append(hop);
    });
    chain.append(line);
    chain.addEventListener("click", () => {
      state.route = state.route === i ? -1 : i;
      show();
      part("derivation").querySelectorAll(".paths button")[i].focus();
    });
    const symbols = equation("");
    const figures = equation("", make("span", "go-on"), sign("="));
    steps.forEach(({ node, slot, source }, place) => {
      if (place) {
        symbols.append(sign("·"));
        figures.append(sign("·"));
      }
      const reached = now.swept[node] ? "" : "ahead";
      symbols.append(make("span", reached, derivative(name(node), name(source))));
      const shown = text(frame().partials[node][slot]);
      figures.append(make("span", reached, whole(place ? factor(shown) : shown)));
    });
    const contribution = text(frame().contributions[k][i]);
    figures.append(sign("="), make("span", "total", whole(contribution)));
    return make("li", complete ? "complete" : "", chain, symbols, figures,
      make("span", "state muted", complete ? "✓ in the sum" : "not yet in the sum"));
  }

  function localDerivatives(shown) {
    const seen = new Set();
    const lines = [];
    for (const { node, slot } of shown.flatMap(hops)) {
      const key = `${node}_${slot}`;
      if (!seen.has(key)) lines.push(rule(node, slot));
      seen.add(key);
    }
    return lines;
  }

  function choose(k) {
    state.node = state.node === k ? -1 : k;
    state.route = -1;
    state.weights = false;
    show();
  }

  function fillNodes() {
    const chosen = make("option", "", "choose a node");
    chosen.value = "-1";
    const options = view().names.map((_, k) => {
      const option = make("option", "", name(k));
      option.value = String(k);
      return option;
    });
    part("node").replaceChildren(chosen, ...options.reverse());
  }

  // ---------------------------------------------------------------- training

  function weightTable() {
    const here = data.updates[state.frame];
    const next = data.updates[state.frame + 1];
    const head = make("tr", "", ...["weight", "value", `∂${data.root}/∂weight`, "next"].map((title) => {
      const cell = make("th", "", title);
      cell.scope = "col";
      return cell;
    }));
    const rows = here.weights.map(([label, value, gradient], i) => make("tr", "",
      make("td", "eq", math(label)), make("td", "", value), make("td", "", gradient),
      make("td", "", next ? next.weights[i][1] : "–")));
    return make("table", "", make("thead", "", head), make("tbody", "", ...rows));
  }

  function drawCurve() {
    const losses = data.updates.map((update) => update.loss);
    const finite = losses.filter((loss) => loss !== null);
    const [low, high] = [Math.min(...finite, 0), Math.max(...finite, 0)];
    // An infinite loss, or one that is not a number, stands above all others.
    const share = (loss) => (loss === null ? 1 : (loss / 2 - low / 2) / (high / 2 - low / 2 || 1));
    const place = (loss, i) => [4 + (152 * i) / Math.max(1, losses.length - 1), 36 - 32 * share(loss)];
    const [line, dot] = part("curve").children;
    line.setAttribute("points", losses.map((loss, i) => place(loss, i).map((x) => x.toFixed(1)).join(",")).join(" "));
    const [x, y] = place(losses[state.frame], state.frame);
    dot.setAttribute("cx", x.toFixed(1));
    dot.setAttribute("cy", y.toFixed(1));
  }

  function tellTraining() {
    if (!data.updates.length) return;
    const last = data.updates.length - 1;
    part("update").value = state.frame;
    const said = `update ${state.frame} of ${last}: ${data.root} = ${data.updates[state.frame].text}`;
    part("update").setAttribute("aria-valuetext", said);
    part("loss").textContent = said;
    part("earlier").disabled = state.frame === 0;
    part("later").disabled = state.frame === last;
    drawCurve();
  }

  // ---------------------------------------------------------------- controls

  function show() {
    const now = situation();
    const { steps } = view();
    for (const key of Object.keys(data.views)) part(key).hidden = key !== state.view;
    drawGraph(now);
    tellStep();
    tellDerivation(now);
    tellTraining();
    aim();
    part("slider").max = steps.length;
    part("slider").value = state.step;
    part("slider").setAttribute("aria-valuetext", part("heard").textContent);
    part("count").textContent = `${state.step} / ${steps.length}`;
    part("first").disabled = part("back").disabled = state.step === 0;
    part("last").disabled = part("next").disabled = state.step === steps.length;
    part("node").value = String(state.node);
    part("follow").setAttribute("aria-pressed", String(state.follow));
    const forward = steps.filter(([phase]) => phase === FORWARD).length;
    part("forward").style.flexGrow = forward;
    part("backward").style.flexGrow = steps.length - forward;
    for (const button of part("views").children) {
      button.setAttribute("aria-pressed", String(button.value === state.view));
    }
    main.dataset.step = state.step;
    main.dataset.view = state.view;
    main.dataset.frame = state.frame;
  }

  function go(step) {
    state.step = Math.max(0, Math.min(view().steps.length, step));
    show();
  }

  function pause() {
    clearInterval(state.timer);
    clearInterval(state.training);
    state.timer = state.training = null;
    part("play").textContent = "Play";
    part("play").setAttribute("aria-pressed", "false");
    part("train").textContent = "Play updates";
    part("train").setAttribute("aria-pressed", "false");
  }

  function play() {
    if (state.timer) {
      pause();
      return;
    }
    pause();
    if (state.step === view().steps.length) go(0);
    part("play").textContent = "Pause";
    part("play").setAttribute("aria-pressed", "true");
    state.timer = setInterval(() => {
      go(state.step + 1);
      if (state.step === view().steps.length) pause();
    }, PAUSE);
  }

  function goToUpdate(update) {
    state.frame = Math.max(0, Math.min(data.updates.length - 1, update));
    show();
  }

  function train() {
    if (state.training) {
      pause();
      return;
    }
    pause();
    const last = data.updates.length - 1;
    state.weights = true;
    state.step = view().steps.length;
    goToUpdate(state.frame === last ? 0 : state.frame);
    part("train").textContent = "Pause";
    part("train").setAttribute("aria-pressed", "true");
    state.training = setInterval(() => {
      goToUpdate(state.frame + 1);
      if (state.frame === last) pause();
    }, PAUSE_BETWEEN_UPDATES);
  }

  // Switch the view and stay where one is: at the same node in the same phase, or as far along.
  function switchTo(key) {
    const before = view();
    const [phase, at] = state.step ? before.steps[state.step - 1] : [null, -1];
    const labels = [at, state.node].map((k) => (k < 0 ? null : text(before.names[k])));
    const share = state.step / before.steps.length;
    state.view = key;
    const places = labels.map((label) => view().names.findIndex((i) => text(i) === label));
    const same = view().steps.findIndex(([p, k]) => p === phase && k === places[0]);
    state.step = phase === null ? 0 : same >= 0 ? same + 1 : Math.round(share * view().steps.length);
    state.node = places[1];
    state.route = -1;
    fillNodes();
    show();
  }

  const THEMES = ["Auto", "Light", "Dark"];

  function nextTheme() {
    const button = part("theme");
    const next = THEMES[(THEMES.indexOf(button.textContent) + 1) % THEMES.length];
    button.textContent = next;
    document.documentElement.dataset.theme = next.toLowerCase();
  }

  const steered = (action) => () => {
    pause();
    action();
  };
  const last = () => view().steps.length;
  const ACTIONS = {
    first: steered(() => go(0)),
    back: steered(() => go(state.step - 1)),
    next: steered(() => go(state.step + 1)),
    last: steered(() => go(last())),
    play,
    train,
    theme: nextTheme,
    follow: () => {
      state.follow = !state.follow;
      show();
    },
    weights: () => {
      state.weights = !state.weights;
      show();
    },
    earlier: steered(() => goToUpdate(state.frame - 1)),
    later: steered(() => goToUpdate(state.frame + 1)),
  };
  for (const [control, action] of Object.entries(ACTIONS)) part(control).addEventListener("click", action);
  part("slider").addEventListener("input", steered(() => go(Number(part("slider").value))));
  part("update").addEventListener("input", steered(() => goToUpdate(Number(part("update").value))));
  part("node").addEventListener("change", () => {
    state.node = Number(part("node").value);
    state.route = -1;
    state.weights = false;
    show();
  });

  const KEYS = {
    ArrowRight: ACTIONS.next, ArrowLeft: ACTIONS.back, Home: ACTIONS.first, End: ACTIONS.last,
    " ": play, f: ACTIONS.follow,
  };
  document.addEventListener("keydown", (event) => {
    const where = event.target;
    const owns = /^(INPUT|SELECT)$/.test(where.tagName) || (where.tagName === "BUTTON" && event.key === " ");
    if (owns || event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  for (const [key, { heading: title }] of Object.entries(data.views)) {
    const button = make("button", "", title);
    button.type = "button";
    button.value = key;
    button.addEventListener("click", () => switchTo(key));
    part("views").append(button);
  }
  if (data.updates.length) {
    part("training").hidden = part("weights").hidden = false;
    part("update").max = data.updates.length - 1;
  }
  new ResizeObserver(() => aim()).observe(part("stage"));
  state.node = data.chosen[state.view];
  fillNodes();
  show();
})();
