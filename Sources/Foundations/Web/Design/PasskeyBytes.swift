/// Between the JSON of WebAuthn (Level 3, section 5.1.8) and the bytes of the browser's interface, for browsers that do not
/// have the conversions themselves.
public enum PasskeyBytes {
    /// Defines `rumdulPasskey` for the script that stands behind it: `request`, `creation`, `assertion`, `registration`, and
    /// `post`, which sends a form and gives the answer's JSON or an error with the problem's code and text.
    public static let script = """
        var rumdulPasskey = (function () {
          'use strict';
          function bytes(text) {
            var plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
            var array = new Uint8Array(plain.length);
            for (var index = 0; index < plain.length; index++) { array[index] = plain.charCodeAt(index); }
            return array.buffer;
          }
          function text(buffer) {
            var plain = '';
            new Uint8Array(buffer).forEach(function (byte) { plain += String.fromCharCode(byte); });
            return btoa(plain).replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '');
          }
          function list(items) {
            return (items || []).map(function (item) {
              return Object.assign({}, item, { id: bytes(item.id) });
            });
          }
          function common(credential, response) {
            return {
              id: credential.id, rawId: text(credential.rawId), type: credential.type, response: response,
              authenticatorAttachment: credential.authenticatorAttachment || undefined,
              clientExtensionResults: credential.getClientExtensionResults()
            };
          }
          return {
            request: function (options) {
              return Object.assign({}, options, {
                challenge: bytes(options.challenge), allowCredentials: list(options.allowCredentials)
              });
            },
            creation: function (options) {
              return Object.assign({}, options, {
                challenge: bytes(options.challenge), excludeCredentials: list(options.excludeCredentials),
                user: Object.assign({}, options.user, { id: bytes(options.user.id) })
              });
            },
            assertion: function (credential) {
              var made = credential.response;
              return common(credential, {
                clientDataJSON: text(made.clientDataJSON), authenticatorData: text(made.authenticatorData),
                signature: text(made.signature), userHandle: made.userHandle ? text(made.userHandle) : undefined
              });
            },
            registration: function (credential) {
              var made = credential.response;
              return common(credential, {
                clientDataJSON: text(made.clientDataJSON), attestationObject: text(made.attestationObject),
                transports: made.getTransports ? made.getTransports() : []
              });
            },
            post: function (path, fields) {
              return fetch(path, {
                method: 'POST', credentials: 'same-origin', cache: 'no-store', body: new URLSearchParams(fields),
                headers: { accept: 'application/json' }
              }).then(function (answer) {
                return answer.json().catch(function () { return {}; }).then(function (body) {
                  if (answer.ok) { return body; }
                  var error = new Error(body.detail || body.title || String(answer.status));
                  error.code = body.code;
                  throw error;
                });
              });
            }
          };
        })();

        """
}
