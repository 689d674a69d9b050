import Web

/// The script of the consent page that uses a passkey: at a press of the button, or from the browser's own list in the
/// field for the number (conditional mediation). Without it the page works as before.
enum PasskeyScript {
    static let asset = Asset(
        "passkey.js", contentType: "text/javascript; charset=utf-8", text: PasskeyBytes.script + text)

    private static let text = """
        (function () {
          'use strict';
          var form = document.querySelector('form[data-passkey]');
          var button = document.getElementById('passkey');
          var trouble = document.getElementById('passkey-error');
          if (!form || !button || !window.PublicKeyCredential || !navigator.credentials) { return; }
          var path = form.getAttribute('data-passkey');
          var waiting = null;

          function ask(conditional) {
            if (waiting) { waiting.abort(); }
            var abort = new AbortController();
            var used = null;
            waiting = abort;
            trouble.hidden = true;
            return rumdulPasskey.post(path + '/options', new FormData(form)).then(function (options) {
              var wish = { publicKey: rumdulPasskey.request(options.publicKey), signal: abort.signal };
              if (conditional) { wish.mediation = 'conditional'; }
              return navigator.credentials.get(wish).then(function (credential) {
                used = credential;
                button.disabled = true;
                return rumdulPasskey.post(path, {
                  state: options.state, credential: JSON.stringify(rumdulPasskey.assertion(credential))
                });
              }).then(function (done) {
                if (/^\\/(?![\\/\\\\])/.test(done.next || '')) { location.assign(done.next); }
              }).catch(function (error) {
                if (error.code === 'passkey.refused' && used && PublicKeyCredential.signalUnknownCredential) {
                  PublicKeyCredential.signalUnknownCredential({ rpId: options.publicKey.rpId, credentialId: used.id })
                    .catch(function () {});
                }
                throw error;
              });
            }).catch(function (error) {
              button.disabled = false;
              if (error.name === 'AbortError' || error.name === 'NotAllowedError') { return; }
              trouble.textContent = error.message;
              trouble.hidden = false;
            });
          }

          button.hidden = false;
          button.addEventListener('click', function () { ask(false); });
          form.addEventListener('submit', function () { if (waiting) { waiting.abort(); } });
          var check = PublicKeyCredential.isConditionalMediationAvailable;
          if (check) {
            check.call(PublicKeyCredential).then(function (available) {
              if (!available) { return; }
              ask(true);
              // What is signed is what is ticked.
              form.addEventListener('change', function (event) {
                if (event.target.type === 'checkbox') { ask(true); }
              });
            });
          }
        })();

        """
}
