import Web

/// Shows the next frame of the QR code every second.
enum QRScript {
    static let asset = Asset("qr.js", contentType: "text/javascript; charset=utf-8", text: text)

    private static let text = """
        (function () {
          'use strict';
          var picture = document.querySelector('img[data-refresh]');
          if (!picture) { return; }
          var path = picture.getAttribute('data-refresh');
          setInterval(function () {
            if (!document.hidden) { picture.src = path + '?n=' + Date.now(); }
          }, 1000);
        })();

        """
}
