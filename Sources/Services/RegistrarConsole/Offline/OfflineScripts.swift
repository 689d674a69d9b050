import Web

/// The script of the forms and the service worker behind them: what is declared without a line is kept on the device,
/// encrypted and signed, and sent in the order in which it was declared.
enum OfflineScripts {
    static let assets = [
        Asset("register.js", contentType: "text/javascript; charset=utf-8", text: FormScript.text + keeping + sending)
    ]

    /// Keys live in IndexedDB and cannot be exported: one signs drafts, one encrypts them. A kept draft holds the text
    /// `{device, counter, at, kind, office, key, wish, fields}` and the signature over it, both under AES-GCM.
    private static let keeping = """
        (function () {
          'use strict';
          if (!window.indexedDB || !window.crypto || !crypto.subtle) { return; }
          if ('serviceWorker' in navigator) {
            navigator.serviceWorker.register('/register/sw.js', { scope: '/register', updateViaCache: 'none' }).catch(function () {});
          }
          var opened, encoder = new TextEncoder();
          function base() {
            opened = opened || new Promise(function (resolve, reject) {
              var request = indexedDB.open('register', 1);
              request.onupgradeneeded = function () {
                request.result.createObjectStore('keys');
                request.result.createObjectStore('drafts', { keyPath: 'counter' });
              };
              request.onsuccess = function () { resolve(request.result); };
              request.onerror = function () { reject(request.error); };
            });
            return opened;
          }
          function ask(store, mode, what) {
            return base().then(function (db) {
              return new Promise(function (resolve, reject) {
                var transaction = db.transaction(store, mode), request = what(transaction.objectStore(store));
                transaction.oncomplete = function () { resolve(request.result); };
                transaction.onerror = transaction.onabort = function () { reject(transaction.error); };
              });
            });
          }
          function keys() {
            return ask('keys', 'readonly', function (s) { return s.get('device'); }).then(function (found) {
              if (found) { return found; }
              return Promise.all([
                crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']),
                crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
              ]).then(function (made) {
                var fresh = { sign: made[0], seal: made[1], counter: 0 };
                return ask('keys', 'readwrite', function (s) { return s.put(fresh, 'device'); }).then(function () { return fresh; });
              });
            });
          }
          function b64(bytes) {
            var text = '';
            new Uint8Array(bytes).forEach(function (b) { text += String.fromCharCode(b); });
            return btoa(text).replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '');
          }
          var own = ['csrf', 'request_key', 'office', 'sequence', 'action'];
          function keep(form, wish) {
            return keys().then(function (found) {
              var iv = crypto.getRandomValues(new Uint8Array(12)), counter = found.counter + 1, fields = {};
              new FormData(form).forEach(function (value, name) {
                if (typeof value === 'string' && value && own.indexOf(name) < 0) { fields[name] = value; }
              });
              return crypto.subtle.exportKey('jwk', found.sign.publicKey).then(function (jwk) {
                var text = JSON.stringify({
                  device: { kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y }, counter: counter, at: Date.now(),
                  kind: form.getAttribute('data-offline'), office: form.elements.office.value,
                  key: b64(crypto.getRandomValues(new Uint8Array(24))), wish: wish, fields: fields
                });
                return crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, found.sign.privateKey, encoder.encode(text))
                  .then(function (signature) {
                    var whole = encoder.encode(JSON.stringify({ text: text, signature: b64(signature) }));
                    return crypto.subtle.encrypt({ name: 'AES-GCM', iv: iv }, found.seal, whole);
                  });
              }).then(function (sealed) {
                // Counter and draft together: neither is there without the other.
                return base().then(function (db) {
                  return new Promise(function (resolve, reject) {
                    var transaction = db.transaction(['keys', 'drafts'], 'readwrite');
                    found.counter = counter;
                    transaction.objectStore('drafts').put({ counter: counter, iv: iv, sealed: sealed });
                    transaction.objectStore('keys').put(found, 'device');
                    transaction.oncomplete = resolve;
                    transaction.onerror = transaction.onabort = function () { reject(transaction.error); };
                  });
                });
              });
            });
          }

        """

    private static let sending = """
          var box = document.querySelector('[data-kept]');
          function drafts() { return ask('drafts', 'readonly', function (s) { return s.getAll(); }); }
          function show() {
            if (!box) { return Promise.resolve(); }
            return drafts().then(function (list) {
              box.hidden = list.length === 0;
              box.querySelector('[data-count]').textContent = String(list.length);
            });
          }
          function send() {
            return Promise.all([keys(), drafts()]).then(function (both) {
              var found = both[0], list = both[1].sort(function (a, b) { return a.counter - b.counter; });
              return list.reduce(function (before, draft) {
                return before.then(function (goOn) {
                  if (!goOn) { return false; }
                  return crypto.subtle.decrypt({ name: 'AES-GCM', iv: draft.iv }, found.seal, draft.sealed).then(function (bytes) {
                    var whole = JSON.parse(new TextDecoder().decode(bytes)), body = new URLSearchParams();
                    body.set('csrf', box.getAttribute('data-csrf'));
                    body.set('draft', whole.text);
                    body.set('signature', whole.signature);
                    return fetch('/register/offline', { method: 'POST', body: body, credentials: 'same-origin',
                      headers: { accept: 'application/json' }, redirect: 'manual' });
                  }).then(function (answer) {
                    if (!answer.ok) { return false; }
                    return ask('drafts', 'readwrite', function (s) { return s.delete(draft.counter); }).then(show).then(function () { return true; });
                  });
                });
              }, Promise.resolve(true));
            });
          }
          // A line to the router is no line to the register: ask before what was typed is sent into nothing.
          function reach() {
            if (!navigator.onLine) { return Promise.resolve(false); }
            var stop = new AbortController(), late = setTimeout(function () { stop.abort(); }, 5000);
            return fetch('/healthz', { cache: 'no-store', signal: stop.signal }).then(function () { return true; }, function () { return false; })
              .then(function (reached) { clearTimeout(late); return reached; });
          }
          document.querySelectorAll('form[data-offline]').forEach(function (form) {
            var asked = false, reached = false;
            form.addEventListener('submit', function (event) {
              var button = event.submitter, action = button && button.value;
              // An old browser cannot send a form again as its button would: it sends at once when it believes in a line.
              if (reached || action === 'fill' || (navigator.onLine && !form.requestSubmit)) { return; }
              event.preventDefault();
              event.stopImmediatePropagation();
              if (asked) { return; }
              asked = true;
              reach().then(function (there) {
                asked = false;
                if (there) { reached = true; form.requestSubmit(button); reached = false; return; }
                keep(form, action === 'draft' ? 'draft' : 'declare').then(function () { location.assign('/register/offline'); });
              });
            }, true);
          });
          if (box) {
            show();
            if (box.hasAttribute('data-csrf')) {
              var busy = false;
              var attempt = function () {
                if (busy || !navigator.onLine) { return; }
                busy = true;
                send().catch(function () {}).then(function () { busy = false; });
              };
              window.addEventListener('online', attempt);
              attempt();
            } else {
              window.addEventListener('online', function () { location.reload(); });
            }
          }
        })();

        """

    /// Keeps the empty forms and their files, so that they open without a line; never a page about anybody.
    static func worker(files: [String], forms: [String], version: String) -> String {
        let list = (files + forms).map { "'\($0)'" }.joined(separator: ", ")
        return """
            'use strict';
            var NAME = 'register-\(version)', FILES = [\(list)], FORMS = [\(forms.map { "'\($0)'" }.joined(separator: ", "))];
            self.addEventListener('install', function (event) {
              event.waitUntil(caches.open(NAME).then(function (cache) {
                return Promise.all(FILES.map(function (path) {
                  // The page of kept drafts as nobody in particular: it is what is shown without a line.
                  return fetch(path, { credentials: path === '/register/offline' ? 'omit' : 'same-origin' }).then(function (answer) {
                    if (answer.ok && !answer.redirected) { return cache.put(path, answer); }
                  }).catch(function () {});
                }));
              }).then(function () { return self.skipWaiting(); }));
            });
            self.addEventListener('activate', function (event) {
              event.waitUntil(caches.keys().then(function (names) {
                return Promise.all(names.filter(function (n) { return n.indexOf('register-') === 0 && n !== NAME; })
                  .map(function (n) { return caches.delete(n); }));
              }).then(function () { return self.clients.claim(); }));
            });
            self.addEventListener('fetch', function (event) {
              var url = new URL(event.request.url);
              if (event.request.method !== 'GET' || url.origin !== self.location.origin) { return; }
              var isForm = FORMS.indexOf(url.pathname) >= 0;
              if (event.request.mode === 'navigate') {
                event.respondWith(fetch(event.request).then(function (answer) {
                  if (isForm && url.pathname !== '/register/offline' && answer.ok && !answer.redirected) {
                    var copy = answer.clone();
                    caches.open(NAME).then(function (cache) { cache.put(url.pathname, copy); });
                  }
                  return answer;
                }).catch(function () {
                  return caches.match(isForm ? url.pathname : '/register/offline', { ignoreSearch: true })
                    .then(function (kept) { return kept || Response.error(); });
                }));
              } else if (FILES.indexOf(url.pathname) >= 0) {
                event.respondWith(caches.match(url.pathname).then(function (kept) { return kept || fetch(event.request); }));
              }
            });

            """
    }
}
