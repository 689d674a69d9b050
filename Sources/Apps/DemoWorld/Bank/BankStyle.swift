/// The bank's look: green, leaf-shaped, and clearly not the government's.
enum BankStyle {
    static let icon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="16" fill="#0b6b3a"/>\
        <path d="M9 23C8 13 14 8 24 8c0 10-5 16-15 15Z" fill="#c9efd6"/><path d="M9 23c4-6 8-9 12-11" fill="none" \
        stroke="#0b6b3a" stroke-width="1.8" stroke-linecap="round"/></svg>
        """

    /// Inline, beside the bank's name.
    static let mark = """
        <svg viewBox="0 0 32 32" width="36" height="36" aria-hidden="true" focusable="false">\
        <circle cx="16" cy="16" r="16" fill="#c9efd6"/><path d="M9 23C8 13 14 8 24 8c0 10-5 16-15 15Z" fill="#0b6b3a"/>\
        <path d="M9 23c4-6 8-9 12-11" fill="none" stroke="#c9efd6" stroke-width="1.8" stroke-linecap="round"/></svg>
        """

    static let text = """
        :root{color-scheme:light;--green:#0b6b3a;--deep:#07492a;--mint:#e6f5ec;--leaf:#c9efd6;--ink:#14231b;--soft:#44574c;
        --line:#cfe0d5;--bad:#9c1c1c}
        *,*::before,*::after{box-sizing:border-box}
        body{margin:0;background:#f4faf6;color:var(--ink);font-family:'Noto Sans Khmer','Khmer OS Siemreap','Khmer OS',
        'Khmer UI','Leelawadee UI','Noto Sans',system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:1.05rem;
        line-height:1.65;min-height:100vh;display:flex;flex-direction:column}
        :lang(km){line-height:1.85}
        a{color:var(--green)}
        :focus-visible{outline:3px solid #b85c00;outline-offset:2px}
        .model{background:#fff3cf;color:#4a3600;text-align:center;margin:0;padding:.25rem 1rem;font-size:.95rem}
        header{background:var(--green);color:#fff}
        .bar{max-width:60rem;margin:0 auto;padding:.75rem 1rem;display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center}
        .brand{display:inline-flex;gap:.7rem;align-items:center;color:#fff;text-decoration:none;font-size:1.3rem;font-weight:700;
        margin-inline-end:auto;min-height:2.75rem}
        .lang{color:#fff;padding:.3rem .7rem;border:1px solid var(--leaf);border-radius:999px;text-decoration:none}
        main{flex:1;width:100%;max-width:60rem;margin:0 auto;padding:1.25rem 1rem 3rem}
        h1,h2{line-height:1.5;margin:.2rem 0 .6rem}
        :lang(km) h1,:lang(km) h2{line-height:1.75}
        h1{font-size:1.7rem}h2{font-size:1.2rem}
        .hero{background:linear-gradient(135deg,var(--deep),var(--green));color:#fff;border-radius:24px 24px 24px 4px;
        padding:1.5rem 1.25rem;margin-bottom:1.25rem}
        .hero p{max-width:34rem}
        .cards{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,18rem),1fr))}
        .card{background:#fff;border:1px solid var(--line);border-radius:20px 20px 20px 4px;padding:1.1rem 1.25rem;
        margin-bottom:1rem}
        .button,button{display:inline-flex;align-items:center;justify-content:center;gap:.6rem;min-height:3rem;font:inherit;
        font-weight:700;padding:.45rem 1.3rem;border-radius:999px;border:2px solid var(--green);background:var(--green);color:#fff;
        text-decoration:none;cursor:pointer}
        .button:hover,button:hover{background:var(--deep)}
        .key{background:#14356b;border-color:#14356b;width:100%}
        .key:hover{background:#0d254d}
        .hero .key{width:auto;background:#fff;border-color:#fff;color:#14356b}
        .plain{background:#fff;color:var(--green)}
        .plain:hover{color:#fff}
        .actions{display:flex;flex-wrap:wrap;gap:.75rem}
        dl{margin:0}
        dl div{display:grid;grid-template-columns:minmax(7rem,2fr) 3fr;gap:.1rem 1rem;padding:.5rem 0;
        border-bottom:1px solid var(--line)}
        dl div:last-child{border-bottom:0}
        dt{color:var(--soft)}
        dd{margin:0;font-weight:600;overflow-wrap:anywhere}
        dd.none{font-weight:400;color:var(--soft)}
        code{font-family:ui-monospace,'DejaVu Sans Mono',Consolas,monospace;font-size:.85em;font-weight:400;color:var(--soft);
        overflow-wrap:anywhere}
        .good{background:var(--mint);border-inline-start:6px solid var(--green);border-radius:8px;padding:.6rem 1rem;margin:0 0 1rem}
        .bad{background:#fdeaea;border-inline-start:6px solid var(--bad);color:#5e0f0f;border-radius:8px;padding:.6rem 1rem;
        margin:0 0 1rem}
        .good p,.bad p{margin:.15rem 0}
        .fine{color:var(--soft);font-size:.95rem}
        .hero .fine{color:var(--leaf)}
        .number{font-size:1.4rem;font-variant-numeric:tabular-nums}
        footer{border-top:1px solid var(--line);padding:.75rem 1rem;text-align:center;color:var(--soft);font-size:.95rem}
        @media (max-width:30rem){dl div{grid-template-columns:1fr}h1{font-size:1.4rem}.hero .key{width:100%}}

        """
}
