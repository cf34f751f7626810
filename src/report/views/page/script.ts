/**
 * The script of a page: zoom, drag and facts of the lineage graph, and the search for a column. Everything else works without it.
 */
export const SCRIPT = `
(() => {
  for (const svg of document.querySelectorAll('svg.graph')) {
    const whole = svg.viewBox.baseVal;
    const all = { x: whole.x, y: whole.y, width: whole.width, height: whole.height };
    const figure = svg.closest('figure');
    const show = (box) => svg.setAttribute('viewBox', [box.x, box.y, box.width, box.height].join(' '));
    const zoom = (by) => {
      if (by === 0) return show(all);
      const box = svg.viewBox.baseVal;
      const [width, height] = [box.width / by, box.height / by];
      show({ x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height });
    };
    for (const button of figure.querySelectorAll('[data-zoom]'))
      button.addEventListener('click', () => zoom(Number(button.dataset.zoom)));
    svg.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(event.deltaY < 0 ? 1.15 : 0.87);
    }, { passive: false });
    let from;
    svg.addEventListener('pointerdown', (event) => {
      const box = svg.viewBox.baseVal;
      from = { x: event.clientX, y: event.clientY, box: { x: box.x, y: box.y, width: box.width, height: box.height } };
    });
    addEventListener('pointermove', (event) => {
      if (from === undefined) return;
      const scale = from.box.width / svg.clientWidth;
      show({ ...from.box, x: from.box.x - (event.clientX - from.x) * scale, y: from.box.y - (event.clientY - from.y) * scale });
    });
    addEventListener('pointerup', () => { from = undefined; });
    const choose = (node) => {
      for (const other of svg.querySelectorAll('.chosen')) other.classList.remove('chosen');
      node.classList.add('chosen');
      figure.querySelector('.facts').textContent = node.dataset.facts;
    };
    for (const node of svg.querySelectorAll('.node')) {
      node.addEventListener('click', () => choose(node));
      node.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        choose(node);
      });
    }
  }
  for (const field of document.querySelectorAll('[data-filter]'))
    field.addEventListener('input', () => {
      const wanted = field.value.toLowerCase();
      for (const figure of field.closest('section').querySelectorAll('[data-column]'))
        figure.hidden = !figure.dataset.column.includes(wanted);
    });
})();
`;

/** A page that is served looks every two seconds whether anything has happened, and loads itself again if so. */
export const LIVE_SCRIPT = `
(() => {
  let known;
  setInterval(async () => {
    try {
      const answer = await fetch('state', { cache: 'no-store' });
      const state = await answer.text();
      if (known !== undefined && state !== known) location.reload();
      known = state;
    } catch {
      document.title = 'refit has stopped serving this page';
    }
  }, 2000);
})();
`;
