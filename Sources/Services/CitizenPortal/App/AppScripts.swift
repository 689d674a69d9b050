import Web

/// The scripts of the citizen's pages. The pages work without them but for notifications.
enum AppScripts {
    static let assets = [
        Asset("citizen.js", contentType: "text/javascript; charset=utf-8", text: page)
    ]

    /// Registers the service worker; turns notifications of this browser on and off.
    static let page = """
        (function () {
          'use strict';
          var box = document.querySelector('[data-push]');
          function show(state) {
            if (!box) { return; }
            box.setAttribute('data-push', state);
            box.querySelectorAll('[data-when]').forEach(function (part) {
              part.hidden = part.getAttribute('data-when').split(' ').indexOf(state) < 0;
            });
          }
          if (!('serviceWorker' in navigator)) { show('unsupported'); return; }
          navigator.serviceWorker.register('/app/sw.js', { scope: '/app', updateViaCache: 'none' })
            .catch(function () { show('unsupported'); });
          navigator.serviceWorker.addEventListener('message', function (event) {
            if (event.data === 'approval' && document.querySelector('[data-reload]')) { location.reload(); }
          });
          if (!box) { return; }
          if (!('PushManager' in window) || !('Notification' in window) || !window.crypto || !crypto.subtle) {
            show('unsupported');
            return;
          }
          function name(subscription) {
            return crypto.subtle.digest('SHA-256', new TextEncoder().encode(subscription.endpoint)).then(function (hash) {
              return Array.from(new Uint8Array(hash)).map(function (b) { return b.toString(16).padStart(2, '0'); }).join('');
            });
          }
          function look() {
            if (Notification.permission === 'denied') { show('denied'); return Promise.resolve(); }
            return navigator.serviceWorker.ready
              .then(function (worker) { return worker.pushManager.getSubscription(); })
              .then(function (subscription) {
                if (!subscription) { show('off'); return; }
                return name(subscription).then(function (own) {
                  var row = document.querySelector('[data-endpoint="' + own + '"]');
                  if (row) { row.querySelectorAll('[data-own]').forEach(function (part) { part.hidden = false; }); }
                  show(row ? 'on' : 'off');
                });
              })
              .catch(function () { show('failed'); });
          }
          function subscribe(worker, key) {
            var options = { userVisibleOnly: true, applicationServerKey: key };
            return worker.pushManager.subscribe(options).catch(function (error) {
              // Subscribed with a key of before: once more from the start.
              if (error.name !== 'InvalidStateError') { throw error; }
              return worker.pushManager.getSubscription()
                .then(function (old) { return old && old.unsubscribe(); })
                .then(function () { return worker.pushManager.subscribe(options); });
            });
          }
          document.querySelectorAll('form[data-push-on]').forEach(function (form) {
            form.addEventListener('submit', function (event) {
              event.preventDefault();
              show('working');
              Notification.requestPermission().then(function (answer) {
                if (answer !== 'granted') { show(answer === 'denied' ? 'denied' : 'off'); return null; }
                return fetch('/app/push/key', { credentials: 'same-origin' })
                  .then(function (answer) { return answer.json(); })
                  .then(function (body) {
                    return navigator.serviceWorker.ready.then(function (worker) {
                      return subscribe(worker, body.applicationServerKey);
                    });
                  })
                  .then(function (subscription) {
                    form.elements.subscription.value = JSON.stringify(subscription);
                    form.submit();
                  });
              }).catch(function () { show('failed'); });
            });
          });
          document.querySelectorAll('form[data-push-off]').forEach(function (form) {
            form.addEventListener('submit', function (event) {
              event.preventDefault();
              show('working');
              navigator.serviceWorker.ready
                .then(function (worker) { return worker.pushManager.getSubscription(); })
                .then(function (subscription) {
                  if (!subscription) { return null; }
                  form.elements.endpoint.value = subscription.endpoint;
                  return subscription.unsubscribe();
                })
                .then(function () { form.submit(); })
                .catch(function () { show('failed'); });
            });
          });
          look();
        })();

        """

    /// The service worker. It keeps static files and the offline page, never a page of a person; it shows that something waits, and nothing
    /// of what it is.
    /// - Parameters:
    ///   - files: paths of static files, and the offline page first.
    ///   - version: changes with the files.
    static func worker(files: [String], icon: String, version: String) -> String {
        let list = files.map { "'\($0)'" }.joined(separator: ", ")
        return """
            'use strict';
            const CACHE = 'rumdul-app-\(version)';
            const FILES = [\(list)];
            self.addEventListener('install', (event) => {
              event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
            });
            self.addEventListener('activate', (event) => {
              event.waitUntil(caches.keys()
                .then((names) => Promise.all(
                  names.filter((name) => name.startsWith('rumdul-app-') && name !== CACHE).map((name) => caches.delete(name))))
                .then(() => self.clients.claim()));
            });
            self.addEventListener('fetch', (event) => {
              const request = event.request;
              const url = new URL(request.url);
              if (request.method !== 'GET' || url.origin !== self.location.origin) { return; }
              if (request.mode === 'navigate') {
                event.respondWith(fetch(request).catch(() => caches.match(FILES[0])));
              } else if (url.search === '' && FILES.includes(url.pathname)) {
                event.respondWith(caches.match(url.pathname).then((kept) => kept || fetch(request)));
              }
            });
            // What the message says is an opaque name, and is not shown.
            self.addEventListener('push', (event) => {
              const shown = self.registration.showNotification('\(title)', {
                body: '\(body)', lang: 'km', tag: 'approval', renotify: true, requireInteraction: true,
                icon: '\(icon)', badge: '\(icon)', data: { path: '/app/requests?go=1' }
              });
              // A page that was opened just before the worker began is not yet its own, and is told as well.
              const told = self.clients.matchAll({ type: 'window', includeUncontrolled: true })
                .then((pages) => pages.forEach((page) => page.postMessage('approval')));
              event.waitUntil(Promise.all([shown, told]));
            });
            self.addEventListener('notificationclick', (event) => {
              event.notification.close();
              event.waitUntil(self.clients.matchAll({ type: 'window' }).then((pages) => {
                const path = event.notification.data.path;
                const open = pages.find((page) => new URL(page.url).pathname.startsWith('/app'));
                if (!open) { return self.clients.openWindow(path); }
                return open.navigate(path).then((page) => (page || open).focus());
              }));
            });

            """
    }

    private static let title = "មានអ្នកសុំការអនុម័តពីអ្នក"
    private static let body = "Someone asks for your approval"
}
