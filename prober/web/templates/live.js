// Fetches the page again and puts the new <main> in place of the old one: no flicker, and scrolling and focus stay.
(() => {
  const every = 5000;
  const parser = new DOMParser();
  const path = element => {
    const link = element && element.closest && element.closest("main a[href]");
    return link ? link.getAttribute("href") : null;
  };
  const refresh = async () => {
    const answer = await fetch(location.href, {cache: "no-store", signal: AbortSignal.timeout(10000)});
    if (!answer.ok && answer.status !== 404) throw new Error(answer.status);
    const next = parser.parseFromString(await answer.text(), "text/html");
    const main = next.querySelector("main");
    if (!main) throw new Error("not our page");
    const focused = path(document.activeElement);
    document.querySelector("main").replaceWith(document.importNode(main, true));
    if (focused) document.querySelector(`main a[href="${CSS.escape(focused)}"]`)?.focus({preventScroll: true});
    document.title = next.title;
    document.querySelector("link[rel=icon]").href = next.querySelector("link[rel=icon]").href;
  };
  const tick = async () => {
    if (!document.hidden) {
      try {
        await refresh();
        document.body.classList.remove("is-stale");
      } catch {
        document.body.classList.add("is-stale");
      }
    }
    setTimeout(tick, every);
  };
  setTimeout(tick, every);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh().catch(() => {}); });
})();
