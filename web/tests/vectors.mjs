/** Things that would run where text is taken for markup. Each calls the probe that the pages carry. */
export const vectors = [
  "<script>ran(1)</script>",
  "<img src=x onerror=ran(2)>",
  "<svg onload=ran(3)>",
  "<svg><script>ran(4)</script></svg>",
  "<body onload=ran(5)>",
  '<iframe srcdoc="<script>parent.ran(6)</script>"></iframe>',
  '<iframe src="javascript:parent.ran(7)"></iframe>',
  '<a href="javascript:ran(8)">click</a>',
  "[click](javascript:ran(9))",
  "![x](javascript:ran(10))",
  "[x](data:text/html,<script>opener.ran(11)</script>)",
  "<details open ontoggle=ran(12)>x</details>",
  "<input autofocus onfocus=ran(13)>",
  "<video><source onerror=ran(14)></video>",
  "<audio src=x onerror=ran(15)></audio>",
  '<object data="javascript:ran(16)"></object>',
  '<embed src="javascript:ran(17)">',
  '<form action="javascript:ran(18)"><button>x</button></form>',
  "<math><mtext><img src=x onerror=ran(19)></mtext></math>",
  "<style>@import 'javascript:ran(20)';*{background:url(//evil.example/20)}</style>",
  '<meta http-equiv="refresh" content="0;url=javascript:ran(21)">',
  '<base href="//evil.example/22/">',
  '<link rel=stylesheet href="//evil.example/23">',
  "<marquee onstart=ran(24)>x</marquee>",
  '"><script>ran(25)</script>',
  "'-ran(26)-'",
  "</textarea><script>ran(27)</script>",
  "</title><script>ran(28)</script>",
  "{{constructor.constructor('ran(29)')()}}",
  "<img/src='x'/onerror='ran(30)'\u202e",
  "**<img src=x onerror=ran(31)>**",
  "https://example.com/\"onmouseover=ran(32)//",
];

/** Counts what ran, in the page and in whatever frames it gets. */
export const probe = () => {
  window.heardToRun = [];
  window.ran = (number) => window.heardToRun.push(number);
  for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => window.heardToRun.push(name);
};

/** Elements that no text of a person may become, below the given places and in open shadow roots. */
export const foreignElements = (page, selector) =>
  page.evaluate((where) => {
    const bad =
      "script, iframe, object, embed, form form, style, link, meta, base, math, marquee, video, audio, details, img[src='x'], [onerror], [onload], [onfocus], [ontoggle], [onstart], [onmouseover], a[href^='javascript'], a[href^='data']";
    const roots = where === "shadow" ? [...document.querySelectorAll("*")].flatMap(({ shadowRoot }) => (shadowRoot ? [shadowRoot] : [])) : [...document.querySelectorAll(where)];
    return roots.flatMap((root) => [...root.querySelectorAll(bad)].map(({ outerHTML }) => outerHTML.slice(0, 120)));
  }, selector);
