import Kernel

/// The script of the pages on which a person types the PIN of a card. It makes a proof of the PIN
/// (`PBKDF2-HMAC-SHA-256`, 600 000 iterations, salted with the card's secret) and sends that alone: the fields of the PIN have no
/// name, so that not even a page without scripts can send digits.
///
/// The form: `data-card`, `data-pin` and, where the PIN is chosen, `data-again` are the `id`s of the fields; `data-refused` and
/// `data-unusable` what is said at the field of a card or a PIN that cannot be right; a hidden field `proof` takes the proof. The
/// button is `disabled` until the script runs. Beside it stands the partial `web/card_script`.
public enum CardScript {
    /// The name of the asset.
    public static let name = "card.js"

    static let asset = Asset(name, contentType: "text/javascript; charset=utf-8", text: text)

    /// For browsers without scripts, and for those that compute nothing because the page did not come over https.
    static let notices = """
        <noscript><p class="notice bad" role="alert">{{t.card_script}}</p></noscript>
        <div class="notice bad" role="alert" id="card-script-error" hidden><p>{{t.card_crypto}}</p></div>

        """

    static let texts: [String: LocalizedText] = [
        "card_script": LocalizedText(
            km: "ទំព័រនេះត្រូវការ JavaScript ដើម្បីកុំឱ្យលេខ PIN ចេញពីកម្មវិធីរុករក។ សូមបើក JavaScript ហើយបើកទំព័រនេះម្តងទៀត។",
            en:
                "This page needs JavaScript, so that the PIN does not leave the browser. Turn it on and open the page again."
        ),
        "card_crypto": LocalizedText(
            km: "កម្មវិធីរុករកនេះមិនអាចការពារលេខ PIN បានទេ។ សូមបើកទំព័រនេះតាម https ក្នុងកម្មវិធីរុករកថ្មី។",
            en: "This browser cannot protect the PIN here. Open the page over https, in a current browser."),
    ]

    private static let text = """
        (function () {
          'use strict';
          var form = document.querySelector('form[data-card]');
          if (!form) { return; }
          var button = form.querySelector('button[type=submit]');
          var card = field('card'), pin = field('pin'), again = field('again');
          var subtle = window.crypto && window.crypto.subtle;
          if (!subtle || !window.TextEncoder) {
            document.getElementById('card-script-error').hidden = false;
            return;
          }
          var rounds = 600000, busy = false;

          function field(name) {
            var id = form.getAttribute('data-' + name);
            return id ? document.getElementById(id) : null;
          }

          // As the server reads it: hyphens and spaces do not count, O is zero, I and L are one; the last 20 of 28 are the secret.
          function secret(typed) {
            if (typed.length > 128 || /[^ -~]/.test(typed)) { return null; }
            var read = typed.replace(/[ -]/g, '').toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1');
            return /^[0-9A-HJKMNP-TV-Z]{28}$/.test(read) ? read.slice(8) : null;
          }

          // Six digits of one script, Khmer or ASCII; what people type between digits does not count.
          function digits(typed) {
            var bare = typed.replace(/[ \\u00A0\\u00AD\\u200B-\\u200D\\u2010-\\u2015\\u202F\\u2060\\u2212\\uFEFF-]/g, '');
            if (/^[0-9]{6}$/.test(bare)) { return bare; }
            if (!/^[\\u17E0-\\u17E9]{6}$/.test(bare)) { return null; }
            return bare.replace(/./g, function (digit) { return String(digit.charCodeAt(0) - 0x17E0); });
          }

          function isWeak(six) {
            return [0, 1, -1].some(function (step) {
              for (var i = 1; i < 6; i += 1) { if (six.charCodeAt(i) - six.charCodeAt(i - 1) !== step) { return false; } }
              return true;
            });
          }

          function clear(input) {
            if (!input) { return; }
            var shown = document.getElementById('e-' + input.id);
            if (shown) { shown.remove(); }
            input.removeAttribute('aria-invalid');
            input.parentNode.classList.remove('bad');
            var rest = (input.getAttribute('aria-describedby') || '').split(' ').filter(function (id) {
              return id && id !== 'e-' + input.id;
            });
            if (rest.length) { input.setAttribute('aria-describedby', rest.join(' ')); }
            else { input.removeAttribute('aria-describedby'); }
          }

          function complain(input, message) {
            var shown = document.createElement('p');
            shown.className = 'error';
            shown.id = 'e-' + input.id;
            shown.setAttribute('role', 'alert');
            shown.textContent = form.getAttribute(message);
            input.parentNode.insertBefore(shown, input);
            input.setAttribute('aria-invalid', 'true');
            input.parentNode.classList.add('bad');
            var described = input.getAttribute('aria-describedby');
            input.setAttribute('aria-describedby', (described ? described + ' ' : '') + shown.id);
            input.focus();
          }

          function prove(six, salt) {
            var utf8 = new TextEncoder();
            return subtle.digest('SHA-256', utf8.encode('rumdul-card-salt' + salt)).then(function (hash) {
              return subtle.importKey('raw', utf8.encode(six), 'PBKDF2', false, ['deriveBits']).then(function (key) {
                return subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: hash, iterations: rounds }, key, 256);
              });
            }).then(function (bits) {
              return btoa(String.fromCharCode.apply(null, new Uint8Array(bits)))
                .replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=/g, '');
            });
          }

          function rest() {
            busy = false;
            form.removeAttribute('aria-busy');
            form.elements.proof.value = '';
            pin.value = '';
            if (again) { again.value = ''; }
          }

          form.addEventListener('submit', function (event) {
            event.preventDefault();
            if (busy) { return; }
            [card, pin, again].forEach(clear);
            var salt = secret(card.value), six = digits(pin.value);
            if (!salt) { complain(card, 'data-refused'); return; }
            if (!six || (again && isWeak(six))) { complain(pin, 'data-unusable'); return; }
            if (again && digits(again.value) !== six) { complain(again, 'data-unusable'); return; }
            busy = true;
            form.setAttribute('aria-busy', 'true');
            pin.value = '';
            if (again) { again.value = ''; }
            prove(six, salt).then(function (proof) {
              form.elements.proof.value = proof;
              form.submit();
            }, function () {
              rest();
              document.getElementById('card-script-error').hidden = false;
            });
          });
          window.addEventListener('pageshow', function (event) { if (event.persisted) { rest(); } });
          button.disabled = false;
        })();

        """
}
