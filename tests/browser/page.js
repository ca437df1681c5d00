// Functions that the tests call in a page. Each call gets a fresh copy; only `wanted` stays in the page between two calls.
({
  // Finds the first control that a person can reach now. If it is in a closed <details>, the summary is next.
  find(want) {
    const text = (it) => (it.getAttribute('aria-label') ?? it.textContent).replace(/\s+/g, ' ');
    const all = want.css
      ? [...document.querySelectorAll(want.css)]
      : [...document.querySelectorAll('a, button, summary')].filter((it) => text(it).includes(want.words));
    const wanted = all.find((it) => it.checkVisibility({ visibilityProperty: true }));
    if (wanted) return this.want(wanted, false);
    for (const hidden of all) {
      const closed = [];
      for (let it = hidden.parentElement; it; it = it.parentElement)
        if (it.matches('details:not([open])')) closed.push(it);
      const summary = closed.pop()?.querySelector('summary');
      if (summary) return this.want(summary, true);
    }
    return null;
  },

  want(wanted, opens) {
    globalThis.wanted = wanted;
    wanted.scrollIntoView({ block: 'center', behavior: 'instant' });
    const [box] = wanted.getClientRects();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const hit = document.elementFromPoint(x, y);
    const reached = hit && (wanted.contains(hit) || hit.contains(wanted));
    return { x, y, opens: opens || wanted.matches('summary'), covered: reached ? null : hit?.outerHTML ?? 'nothing' };
  },

  // Where the focus is: whether on the wanted control, and what is wrong with how the focus is shown.
  focus() {
    const at = document.activeElement;
    if (!at || at === document.body || at === document.documentElement) return { here: false, wrong: null };
    const style = getComputedStyle(at);
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
    const shown = outlined || style.boxShadow !== 'none';
    const box = at.getBoundingClientRect();
    const inSight = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const wrong = !shown ? 'shows no focus' : !inSight ? 'has the focus out of sight' : null;
    return { here: at === globalThis.wanted, wrong: wrong && `${at.outerHTML.slice(0, 200)} ${wrong}` };
  },

  // Properties of the page. `alike` is the same for pages that differ only in words, numbers and links.
  state() {
    const copy = document.documentElement.cloneNode(true);
    for (const it of copy.querySelectorAll('*')) {
      for (const name of ['href', 'action', 'value', 'aria-label', 'title', 'content'])
        if (it.getAttribute(name)) it.setAttribute(name, '…');
      it.removeAttribute('d');
      for (const child of it.childNodes) if (child.data?.trim()) child.data = '…';
    }
    return {
      url: location.href,
      status: performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0,
      text: document.body.innerText.replace(/\s+/g, ' '),
      wide: document.documentElement.scrollWidth,
      width: innerWidth,
      controls: [...document.querySelectorAll('a, button')].filter((it) => it.checkVisibility()).length,
      alike: copy.outerHTML.replace(/\d+/g, '0'),
    };
  },

  // Violations of WCAG A and AA and of axe's best practices, target size included.
  async violations() {
    const options = { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } };
    const found = await axe.run(document, options);
    return found.violations.flatMap((rule) =>
      rule.nodes.map((node) => `${rule.id}: ${node.html} ${node.failureSummary}`));
  },

  looks() {
    const is = (query) => matchMedia(query).matches;
    return {
      width: innerWidth,
      dark: is('(prefers-color-scheme: dark)'),
      forced: is('(forced-colors: active)'),
    };
  },
})
