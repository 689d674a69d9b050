"""What a page must look like, whatever is on it: nothing sticks out, nothing is cut off, no text lies on other text."""

import io
from pathlib import Path

from PIL import Image

# Text that is cut off by its own box or by one around it, text upon other text, and lines too low for Khmer's stacked letters.
LOOK = r"""
const faults = [], seen = [];
const name = e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + (e.classList.length ? '.' + [...e.classList].join('.') : '');
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const hidden = e => { for (let a = e; a; a = a.parentElement) { const s = getComputedStyle(a);
  if (s.display === 'none' || s.visibility === 'hidden' || s.clipPath !== 'none' || s.clip !== 'auto' || a.classList.contains('visually-hidden')
    || (a.tagName === 'DETAILS' && !a.open && !e.closest('summary'))) return true; } return false; };
while (walker.nextNode()) {
  const node = walker.currentNode, text = node.textContent.trim(), e = node.parentElement;
  if (!text || ['SCRIPT', 'STYLE', 'NOSCRIPT', 'OPTION', 'TITLE'].includes(e.tagName) || hidden(e)) continue;
  const range = document.createRange(); range.selectNodeContents(node);
  const rects = [...range.getClientRects()].filter(r => r.width > 1 && r.height > 1);
  if (!rects.length) continue;
  const style = getComputedStyle(e), line = parseFloat(style.lineHeight) / parseFloat(style.fontSize);
  if (/[\u1780-\u17D3]/.test(text) && rects.length > 1 && line < 1.5) faults.push('low lines (' + line.toFixed(2) + '): ' + name(e) + ' ' + text.slice(0, 30));
  for (let a = e; a && a !== document.body; a = a.parentElement) {
    const s = getComputedStyle(a);
    if (s.overflowX === 'visible' && s.overflowY === 'visible') continue;
    const box = a.getBoundingClientRect();
    for (const r of rects) {
      if (s.overflowX !== 'auto' && s.overflowX !== 'scroll' && (r.right > box.right + 2 || r.left < box.left - 2)
        || s.overflowY !== 'auto' && s.overflowY !== 'scroll' && (r.bottom > box.bottom + 2 || r.top < box.top - 2)) {
        faults.push('cut off: ' + name(e) + ' ' + text.slice(0, 40)); break;
      }
    }
  }
  if (e.closest('svg')) continue;
  for (const r of rects) seen.push({r, e, text});
}
for (let i = 0; i < seen.length; i++) for (let j = i + 1; j < seen.length; j++) {
  const a = seen[i], b = seen[j];
  if (a.e === b.e) continue;
  const width = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left);
  const height = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
  // The boxes of letters in neighbouring lines may touch; lines that lie on each other share half of their height.
  if (width > 3 && height > 0.5 * Math.min(a.r.height, b.r.height))
    faults.push('overlap: ' + a.text.slice(0, 25) + ' | ' + b.text.slice(0, 25));
}
for (const e of document.querySelectorAll('button, a.button, input, select, td, th, dt, dd, .badge')) {
  if (!hidden(e) && e.scrollWidth > e.clientWidth + 2 && e.clientWidth > 0 && e.tagName !== 'INPUT') faults.push('too narrow: ' + name(e) + ' ' + e.textContent.trim().slice(0, 40));
}
for (const e of document.querySelectorAll('button, a.button, input:not([type=hidden]), select, summary')) {
  const r = e.getBoundingClientRect();
  if (!hidden(e) && r.width > 0 && (r.height < 24 || r.width < 24) && !['checkbox', 'radio'].includes(e.type)) faults.push('too small to touch: ' + name(e) + ' ' + e.textContent.trim().slice(0, 30));
}
return [...new Set(faults)].slice(0, 12);
"""


def faults(chrome, width):
    """What is wrong with the page that is open, at a width."""
    chrome.size(width, 900)
    chrome.driver.execute_script("return document.fonts.ready.then(() => true)")
    found = chrome.driver.execute_script(LOOK) + [f"sticks out: {o}" for o in chrome.overflow()]
    return found + [f"axe: {v}" for v in chrome.violations()]


def picture(chrome, width, path: Path):
    """The whole page as a small file: 64 colours are enough for a page."""
    height = chrome.driver.execute_script("return document.documentElement.scrollHeight")
    chrome.size(width, min(max(height, 480), 6000))
    image = Image.open(io.BytesIO(chrome.driver.get_screenshot_as_png())).convert("RGB")
    for colours in (64, 32, 16):
        small = io.BytesIO()
        image.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
        if small.tell() < 40_000:
            break
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(small.getvalue())
    chrome.size(width, 900)
