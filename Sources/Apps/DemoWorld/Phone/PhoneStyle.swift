/// How the simulated phone looks.
enum PhoneStyle {
    static let icon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="8" y="2" width="16" height="28" rx="4" \
        fill="#22303f"/><rect x="10" y="6" width="12" height="19" fill="#f7e3a1"/><circle cx="16" cy="27.5" r="1.3" \
        fill="#fff"/></svg>
        """

    /// Takes the code out of a link (`/phone#code=...`), so that it never stands in an address that is sent or logged.
    static let script = """
        (function () {
          'use strict';
          var field = document.querySelector('[data-from-link]');
          var found = /^#code=([0-9A-Za-z-]{10,14})$/.exec(location.hash);
          if (field && found) {
            field.value = found[1];
            history.replaceState(null, '', location.pathname);
          }
        })();

        """

    static let text = """
        :root{color-scheme:light;--night:#22303f;--blue:#14356b;--gold:#d9a021;--ink:#1b2434;--soft:#4b5669;--line:#ccd4e0;
        --bad:#a11d22}
        *,*::before,*::after{box-sizing:border-box}
        body{margin:0;min-height:100vh;background:#dfe5ec;color:var(--ink);font-family:'Noto Sans Khmer','Khmer OS Siemreap',
        'Khmer OS','Khmer UI','Leelawadee UI','Noto Sans',system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:1rem;
        line-height:1.6}
        :lang(km){line-height:1.8}
        :focus-visible{outline:3px solid #8a5a00;outline-offset:2px}
        .simulator{margin:0;background:#fff3cf;color:#4a3600;text-align:center;padding:.2rem .75rem;font-size:.92rem}
        .simulator a{color:#4a3600}
        .simulator .lang{margin-inline-start:.5rem}
        .phone{width:min(100%,24rem);margin:1rem auto;background:#fff;border:10px solid var(--night);border-radius:2.4rem;
        overflow:hidden;min-height:42rem}
        .status{background:var(--blue);color:#fff;padding:.7rem 1.2rem;display:flex;justify-content:space-between;
        border-bottom:4px solid var(--gold)}
        main{padding:1rem 1.2rem 1.5rem}
        h1{font-size:1.3rem;line-height:1.5;margin:.2rem 0 .3rem}
        :lang(km) h1{line-height:1.75}
        p{margin:.3rem 0 .7rem}
        .hint{color:var(--soft);font-size:.92rem;margin:.1rem 0 .3rem}
        label,legend{font-weight:600;display:block;margin-top:.6rem}
        fieldset{border:1px solid var(--line);border-radius:14px;padding:.2rem .9rem .7rem;margin:.6rem 0}
        input:not([type=checkbox]):not([type=radio]){width:100%;font:inherit;padding:.45rem .7rem;min-height:2.9rem;
        border:1.5px solid #76819a;border-radius:10px;background:#fff;color:inherit}
        input[type=password]{letter-spacing:.35em}
        .check{display:flex;gap:.6rem;align-items:flex-start;font-weight:400;margin:0;padding:.3rem 0;min-height:2.5rem}
        .check input{width:1.4rem;height:1.4rem;margin:.25rem 0 0;flex:none;accent-color:var(--blue)}
        .tag{background:#fdf3d8;color:#5b3d00;border-radius:999px;padding:0 .55rem;font-size:.85rem;white-space:nowrap}
        .numbers div{display:grid;grid-template-columns:repeat(3,1fr);gap:.6rem}
        .pick{margin:0;position:relative}
        .pick input{position:absolute;inset:0;opacity:0;width:100%;height:100%;margin:0;cursor:pointer}
        .pick span{display:block;text-align:center;font-size:1.7rem;line-height:2;border:2px solid var(--line);border-radius:14px;
        font-variant-numeric:tabular-nums}
        .pick input:checked+span{background:#fdf3d8;border-color:var(--gold);box-shadow:0 0 0 2px var(--gold)}
        .pick input:focus-visible+span{outline:3px solid #8a5a00;outline-offset:2px}
        button,.button{display:flex;align-items:center;justify-content:center;width:100%;min-height:3rem;margin-top:.7rem;
        font:inherit;font-weight:700;border-radius:12px;border:2px solid var(--blue);background:#fff;color:var(--blue);
        text-decoration:none;cursor:pointer}
        .main{background:var(--blue);color:#fff}
        .danger{border-color:var(--bad);color:var(--bad)}
        .good,.bad{border-radius:12px;padding:.4rem .9rem;margin:0 0 .8rem}
        .good{background:#e6f4ec;border-inline-start:5px solid #14663c}
        .bad{background:#fdecec;border-inline-start:5px solid var(--bad)}
        .digits{text-align:center;font-size:3rem;line-height:1.4;font-weight:700;font-variant-numeric:tabular-nums;
        background:#fdf8ea;border:3px solid var(--gold);border-radius:18px;margin:.8rem 0}
        .waiting{display:flex;gap:.7rem;align-items:center;color:var(--soft)}
        .waiting::before{content:"";width:1rem;height:1rem;border:3px solid var(--line);border-top-color:var(--gold);
        border-radius:50%;animation:turn 1.1s linear infinite;flex:none}
        @keyframes turn{to{transform:rotate(1turn)}}
        @media (prefers-reduced-motion:reduce){.waiting::before{animation:none}}
        [aria-busy=true] button{opacity:.6}
        @media (max-width:26rem){.phone{margin:0;border-width:0;border-radius:0;min-height:calc(100vh - 4rem)}}

        """
}
