/// The shared script. Pages work without it; it only saves the person a click.
enum Scripts {
    /// `data-poll="url"`: asks the address every `data-poll-interval` seconds (2) until the JSON answer's `state` is
    /// no longer
    /// `pending`, then goes to its `next` (a path on this server) or loads the page again. `data-once`: a form is
    /// sent once. `data-events="url"` beside `data-poll`: listens for the event `state` with the same JSON, and asks only when nothing comes or
    /// the page was out of sight.
    static let text = """
        (function () {
          'use strict';
          document.querySelectorAll('[data-poll]').forEach(function (element) {
            var url = element.getAttribute('data-poll');
            var pause = Math.max(1, Number(element.getAttribute('data-poll-interval')) || 2) * 1000;
            var until = Date.now() + 15 * 60 * 1000;
            function again() { if (Date.now() < until) { setTimeout(ask, document.hidden ? pause * 3 : pause); } }
            function go(body) {
              var next = body.next;
              if (typeof next === 'string' && /^\\/(?![\\/\\\\])/.test(next)) { location.replace(next); }
              else { location.reload(); }
            }
            function ask() {
              fetch(url, { headers: { accept: 'application/json' }, credentials: 'same-origin', cache: 'no-store' })
                .then(function (answer) {
                  if (answer.status === 429 || answer.status >= 500) { return null; }
                  if (!answer.ok) { location.reload(); return null; }
                  return answer.json();
                })
                .then(function (body) {
                  if (!body || body.state === 'pending') { again(); return; }
                  go(body);
                })
                .catch(again);
            }
            var stream = element.getAttribute('data-events');
            if (!stream || !window.EventSource) { setTimeout(ask, pause); return; }
            var source = new EventSource(stream), heard = false, over = false;
            function leave(then) { if (!over) { over = true; source.close(); then(); } }
            source.addEventListener('state', function (event) {
              heard = true;
              var body = null;
              try { body = JSON.parse(event.data); } catch (error) { leave(ask); return; }
              if (body.state !== 'pending') { leave(function () { go(body); }); }
            });
            source.onerror = function () { leave(ask); };
            setTimeout(function () { if (!heard) { leave(ask); } }, 4000);
            document.addEventListener('visibilitychange', function () { if (!document.hidden) { leave(ask); } });
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
