import Web

/// The script of a request's page: the number and the ticks become what the passkey signs. Without it the page can only say no.
enum RequestScript {
    static let asset = Asset(
        "requests.js", contentType: "text/javascript; charset=utf-8", text: PasskeyBytes.script + text)

    private static let text = """
        (function () {
          'use strict';
          var form = document.querySelector('form[data-approve]');
          var button = document.getElementById('approve-button');
          var trouble = document.getElementById('approve-error');
          if (!form || !button || !window.PublicKeyCredential || !navigator.credentials) { return; }
          var path = form.getAttribute('data-approve');
          document.getElementById('approve-no-script').hidden = true;
          form.querySelectorAll('[data-with-script]').forEach(function (part) { part.hidden = false; });
          form.addEventListener('submit', function (event) {
            event.preventDefault();
            trouble.hidden = true;
            button.disabled = true;
            rumdulPasskey.post(path + '/options', new FormData(form)).then(function (options) {
              return navigator.credentials.get({ publicKey: rumdulPasskey.request(options.publicKey) })
                .then(function (credential) {
                  return rumdulPasskey.post(path, {
                    csrf: form.elements.csrf.value, state: options.state,
                    credential: JSON.stringify(rumdulPasskey.assertion(credential))
                  });
                });
            }).then(function (done) {
              if (/^\\/(?![\\/\\\\])/.test(done.next || '')) { location.replace(done.next); }
            }).catch(function (error) {
              // What is over cannot be tried again.
              button.disabled = /^transaction\\.(decided|expired|number_mismatch|not_found)$/.test(error.code || '');
              trouble.textContent =
                error.name === 'NotAllowedError' ? form.getAttribute('data-cancelled') : error.message;
              trouble.hidden = false;
            });
          });
        })();

        """
}
