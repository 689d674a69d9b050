/// What makes long forms quick for who works by keyboard. Without it every form works all the same.
enum FormScript {
    /// - `data-when="field"` with `data-values`: shown only while the field has one of these values.
    /// - A parent who is not known (`<role>.unknown`): the other fields of the parent are put away and not sent.
    /// - A code: Enter, or the button beside it, fills in from the register.
    /// - Ctrl + Enter sends the form as its first button would.
    /// - A file that is larger than `data-limit` is refused before it is sent, in the words of `data-large`.
    /// - What must be looked at first has the focus: the errors, or of a new form the first field, of another what is missing.
    static let text = """
        (function () {
          'use strict';
          function put(box, shown) {
            box.hidden = !shown;
            box.querySelectorAll('input,select').forEach(function (input) { input.disabled = !shown; });
          }
          function conditions(form) {
            form.querySelectorAll('[data-when]').forEach(function (box) {
              var other = form.elements[box.getAttribute('data-when')];
              if (!other) { return; }
              var values = box.getAttribute('data-values').split(' '), own = box.querySelector('input,select');
              function look() {
                var isWanted = values.indexOf(other.value) >= 0 && !other.disabled;
                put(box, isWanted || !!box.querySelector('[aria-invalid]'));
                own.required = isWanted && !form.noValidate;
              }
              other.addEventListener('change', look);
              box.addEventListener('rumdul:look', look);
              look();
            });
          }
          function unknown(form) {
            form.querySelectorAll('select[name$=".unknown"]').forEach(function (select) {
              var own = select.closest('.field'), fields = own.parentElement;
              function look() {
                Array.prototype.forEach.call(fields.children, function (box) {
                  if (box === own) { return; }
                  put(box, !select.value);
                  if (!select.value) { box.dispatchEvent(new Event('rumdul:look')); }
                });
              }
              select.addEventListener('change', look);
              look();
            });
          }
          function codes(form) {
            var fill = form.querySelector('button[value="fill"]');
            if (!fill) { return; }
            form.querySelectorAll('input[name$=".person"]').forEach(function (input) {
              var button = document.createElement('button');
              button.type = 'button';
              button.className = 'secondary fill';
              button.textContent = form.getAttribute('data-fill');
              button.addEventListener('click', function () { fill.click(); });
              input.insertAdjacentElement('afterend', button);
              input.addEventListener('keydown', function (event) {
                if (event.key === 'Enter' && input.value && !event.ctrlKey) { event.preventDefault(); fill.click(); }
              });
            });
          }
          function keys(form) {
            form.addEventListener('keydown', function (event) {
              if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) { return; }
              event.preventDefault();
              var first = form.querySelector('button[type=submit]');
              if (first) { first.click(); }
            });
          }
          document.querySelectorAll('form[data-form]').forEach(function (form) {
            conditions(form);
            unknown(form);
            codes(form);
            keys(form);
          });
          var errors = document.querySelector('.notice.bad'), form = document.querySelector('form[data-form]');
          if (errors) {
            errors.tabIndex = -1;
            errors.focus();
          } else if (form && (form.noValidate || form.hasAttribute('data-offline'))) {
            var inputs = Array.prototype.filter.call(form.querySelectorAll('input:not([type=hidden]),select'), function (input) {
              return !input.disabled && input.offsetParent && input.name !== 'office';
            });
            var isFresh = inputs.every(function (input) { return !input.value; });
            var wanted = inputs.find(function (input) { return !input.value && (isFresh || input.required); });
            if (wanted) { wanted.focus({ preventScroll: isFresh }); }
          }
          document.querySelectorAll('input[type=file][data-limit]').forEach(function (input) {
            input.addEventListener('change', function () {
              var file = input.files[0];
              input.setCustomValidity(file && file.size > Number(input.getAttribute('data-limit')) ? input.getAttribute('data-large') : '');
              input.reportValidity();
            });
          });
        })();

        """
}
