/* Show one still at a time: a slider, a button, the arrow keys. Without the script the last one shows. */
(() => {
  "use strict";
  const part = (name) => document.getElementById(name);
  const told = JSON.parse(part("data").textContent);
  const stills = [...document.querySelectorAll(".still")];
  const last = stills.length - 1;
  const seconds = 6;
  let at = last;
  let timer = 0;

  function show(next) {
    stills[at].classList.remove("now");
    at = Math.min(Math.max(next, 0), last);
    stills[at].classList.add("now");
    part("slider").value = at;
    part("slider").setAttribute("aria-valuetext", told[at]);
    part("told").textContent = told[at];
  }

  function pause() {
    clearInterval(timer);
    timer = 0;
    part("play").textContent = "Play";
    part("play").setAttribute("aria-pressed", "false");
  }

  function play() {
    if (timer) {
      pause();
      return;
    }
    if (at === last) show(0);
    part("play").textContent = "Pause";
    part("play").setAttribute("aria-pressed", "true");
    timer = setInterval(() => {
      if (at === last) pause();
      else show(at + 1);
    }, Math.max(40, (1000 * seconds) / stills.length));
  }

  function go(next) {
    pause();
    show(next);
  }

  part("play").addEventListener("click", play);
  part("slider").addEventListener("input", () => go(Number(part("slider").value)));
  const KEYS = {
    ArrowRight: () => go(at + 1), ArrowLeft: () => go(at - 1),
    Home: () => go(0), End: () => go(last), " ": play,
  };
  document.addEventListener("keydown", (event) => {
    const owns = /^(INPUT|BUTTON)$/.test(event.target.tagName);
    if (owns || event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  document.body.classList.add("shown");
  show(last);
})();
