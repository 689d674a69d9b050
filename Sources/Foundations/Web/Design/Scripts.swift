/// The shared script. Pages work without it; it only saves the person a click.
enum Scripts {
    /// `data-poll="url"`: asks the address every `data-poll-interval` seconds (2) until the JSON answer's `state` is
    /// no longer
    /// `pending`, then goes to its `next` (a path on this server) or loads the page again. `data-once`: a form is
    /// sent once.
    static let text = """
        (function () {
          'use strict';
          document.querySelectorAll('[data-poll]').forEach(function (element) {
            var url = element.getAttribute('data-poll');
            var pause = Math.max(1, Number(element.getAttribute('data-poll-interval')) || 2) * 1000;
            var until = Date.now() + 15 * 60 * 1000;
            function again() { if (Date.now() < until) { setTimeout(ask, document.hidden ? pause * 3 : pause); } }
            function ask() {
              fetch(url, { headers: { accept: 'application/json' }, credentials: 'same-origin', cache: 'no-store' })
                .then(function (answer) {
                  if (answer.status === 429 || answer.status >= 500) { return null; }
                  if (!answer.ok) { location.reload(); return null; }
                  return answer.json();
                })
                .then(function (body) {
                  if (!body || body.state === 'pending') { again(); return; }
                  var next = body.next;
                  if (typeof next === 'string' && /^\\/(?![\\/\\\\])/.test(next)) { location.replace(next); }
                  else { location.reload(); }
                })
                .catch(again);
            }
            setTimeout(ask, pause);
          });
          document.querySelectorAll('form[data-once]').forEach(function (form) {
            var sent = false;
            form.addEventListener('submit', function (event) {
              if (sent) { event.preventDefault(); }
              sent = true;
              form.setAttribute('aria-busy', 'true');
            });
            window.addEventListener('pageshow', function () { sent = false; form.removeAttribute('aria-busy'); });
          });
        })();

        """
}
