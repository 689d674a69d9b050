/// The one style sheet: tokens first, then the frame, then components. Khmer needs tall lines and never takes letter
/// spacing,
/// italics or capitals; nothing here uses them.
enum Stylesheet {
    static let text = tokens + frame + typography + forms + components + tables

    static let tokens = """
        :root{color-scheme:light dark;--blue:#14356b;--blue-deep:#0d254d;--blue-soft:#e9eff9;--gold:#d9a021;
        --cream:#fdf8ea;--ink:#1b2434;--ink-soft:#4b5669;--line:#c9d1de;--field:#76819a;--paper:#ffffff;
        --ground:#f6f4ee;
        --link:#17479e;--good:#14663c;--good-soft:#e6f4ec;--warn:#7a4b00;--warn-soft:#fff3d6;--bad:#a11d22;
        --bad-soft:#fdecec;--focus:#8a5a00;--button:#14356b;--on-button:#ffffff;--radius:12px;--gap:1rem}
        @media screen and (prefers-color-scheme:dark){:root{--blue-soft:#1d2c47;--cream:#2b2717;--ink:#eef1f7;--ink-soft:#b5bfd0;
        --line:#3a465c;--field:#8a96ad;--paper:#182234;--ground:#101826;--link:#9dbdf5;--good:#86d9ab;
        --good-soft:#153023;
        --warn:#f2c463;--warn-soft:#33290f;--bad:#ff9a9a;--bad-soft:#3a1a1d;--focus:#f2c463;--button:#a9c5f5;
        --on-button:#0d1b33}}

        """

    static let frame = """
        *,*::before,*::after{box-sizing:border-box}
        [hidden]{display:none!important}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
        body{margin:0;min-height:100vh;display:flex;flex-direction:column;background:var(--ground);color:var(--ink);
        font-family:'Noto Sans Khmer','Khmer OS Siemreap','Khmer OS','Khmer UI','Leelawadee UI','Noto Sans',system-ui,
        -apple-system,'Segoe UI',Roboto,sans-serif;font-size:1.0625rem;line-height:1.65;font-synthesis:none}
        :lang(km){line-height:1.85}
        html:lang(en) body{font-family:'Noto Sans',system-ui,-apple-system,'Segoe UI',Roboto,sans-serif,'Noto Sans Khmer',
        'Khmer OS Siemreap','Khmer UI','Leelawadee UI'}
        a{color:var(--link);text-underline-offset:.22em}
        :focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:4px}
        .top :focus-visible{outline-color:#f7e3a1}
        .skip{position:absolute;left:-999rem;top:0;background:var(--paper);color:var(--link);padding:.75rem 1rem;
        z-index:9}
        .skip:focus{left:.5rem;top:.5rem}
        .top{background:#14356b;color:#fff;border-bottom:4px solid #d9a021}
        .bar{max-width:64rem;margin:0 auto;padding:.5rem 1rem;display:flex;flex-wrap:wrap;align-items:center;
        gap:.25rem 1rem}
        .brand{display:inline-flex;align-items:center;gap:.6rem;color:#fff;text-decoration:none;font-weight:700;
        font-size:1.2rem;margin-inline-end:auto;min-height:2.75rem}
        .logo{display:block;flex:none}
        .menu{display:flex;flex-wrap:wrap;gap:0 .25rem}
        .menu a,.lang{color:#fff;padding:.4rem .7rem;border-radius:8px;text-decoration:none;min-height:2.5rem}
        .menu a:hover,.lang:hover{background:#0d254d;text-decoration:underline}
        .menu a[aria-current]{background:#0d254d;box-shadow:inset 0 -3px #d9a021}
        .lang{border:1px solid #8fa6cf}
        .account{color:#f7e3a1}
        main{flex:1;width:100%;max-width:36rem;margin:0 auto;padding:1.5rem 1rem 3rem}
        main.wide{max-width:64rem}
        .foot{border-top:1px solid var(--line);color:var(--ink-soft);text-align:center;padding:.75rem 1rem;
        font-size:.95rem}
        .foot p{margin:0}

        """

    static let typography = """
        h1,h2,h3{line-height:1.4;margin:1.5rem 0 .6rem;font-weight:700;color:var(--ink)}
        :lang(km) h1,:lang(km) h2,:lang(km) h3,h1:lang(km),h2:lang(km),h3:lang(km){line-height:1.7}
        h1{font-size:1.55rem;margin-top:0}
        h2{font-size:1.25rem}
        h3{font-size:1.08rem}
        p{margin:.5rem 0 1rem}
        ul,ol{padding-inline-start:1.4rem}
        code{font-family:ui-monospace,'DejaVu Sans Mono',Consolas,monospace;font-size:.9em;overflow-wrap:anywhere}
        .lead{font-size:1.15rem}
        .fine,.hint{color:var(--ink-soft);font-size:.95rem}
        .visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}

        """

    static let forms = """
        form{margin:0}
        .field{margin:0 0 1.25rem}
        label,legend{font-weight:600;display:block}
        fieldset{border:1px solid var(--line);border-radius:var(--radius);padding:.5rem 1rem 1rem;margin:0 0 1.25rem}
        .hint,.error{margin:.1rem 0 .35rem}
        .error{color:var(--bad);font-weight:600}
        input:not([type=checkbox]):not([type=radio]):not([type=hidden]),select,textarea{width:100%;font:inherit;
        color:inherit;background:var(--paper);border:1.5px solid var(--field);border-radius:10px;padding:.55rem .8rem;
        min-height:3rem}
        textarea{min-height:7rem}
        .bad input,.bad select,.bad textarea{border-color:var(--bad);border-width:2px}
        .field.bad{border-inline-start:4px solid var(--bad);padding-inline-start:.8rem}
        .check{display:flex;gap:.7rem;align-items:flex-start;padding:.5rem 0}
        .check input{width:1.5rem;height:1.5rem;margin:.3rem 0 0;flex:none;accent-color:var(--button)}
        .check label{font-weight:400}
        .button,button{display:inline-flex;align-items:center;justify-content:center;gap:.5rem;font:inherit;
        font-weight:700;
        min-height:3rem;padding:.5rem 1.4rem;border-radius:10px;border:2px solid var(--button);background:var(--button);
        color:var(--on-button);text-decoration:none;text-align:center;cursor:pointer}
        .button:hover,button:hover{filter:brightness(1.15)}
        .secondary{background:transparent;color:var(--link);border-color:var(--link)}
        .danger{background:transparent;color:var(--bad);border-color:var(--bad)}
        .actions{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.5rem 0 0}
        .actions>*{flex:1 1 10.5rem}
        button.wide{width:100%;height:100%}
        .choices{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:.75rem}
        .choice{position:relative}
        .choice input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;cursor:pointer}
        .choice span{display:block;text-align:center;font-size:2rem;font-weight:700;line-height:1.4;padding:.6rem 0;
        border:2px solid var(--field);border-radius:var(--radius);background:var(--paper);
        font-variant-numeric:tabular-nums}
        .choice input:checked+span{border-color:var(--gold);background:var(--cream);
        box-shadow:inset 0 0 0 3px var(--gold)}
        .choice input:focus-visible+span{outline:3px solid var(--focus);outline-offset:2px}
        [aria-busy=true] button{opacity:.6}

        """

    static let components = """
        .card{background:var(--paper);border:1px solid var(--line);border-radius:var(--radius);padding:1.25rem;
        margin:0 0 1.25rem}
        .card>:first-child{margin-top:0}
        .card>:last-child{margin-bottom:0}
        .card.cream{background:var(--cream);border-color:var(--gold)}
        .problem{border-top:4px solid var(--gold)}
        .grid{display:grid;gap:var(--gap);grid-template-columns:repeat(auto-fit,minmax(min(100%,16rem),1fr))}
        .notice{border-radius:var(--radius);border-inline-start:5px solid var(--link);background:var(--blue-soft);
        padding:.7rem 1rem;margin:0 0 1.25rem}
        .notice p,.notice h2,.notice ul{margin:.2rem 0}
        .notice h2{font-size:1.05rem}
        .notice.good{border-color:var(--good);background:var(--good-soft)}
        .notice.warn{border-color:var(--warn);background:var(--warn-soft)}
        .notice.bad{border-color:var(--bad);background:var(--bad-soft)}
        .badge{display:inline-block;border-radius:999px;padding:0 .75rem;font-size:.95rem;font-weight:600;
        background:var(--blue-soft);color:var(--link)}
        .badge.good{background:var(--good-soft);color:var(--good)}
        .badge.warn{background:var(--warn-soft);color:var(--warn)}
        .badge.bad{background:var(--bad-soft);color:var(--bad)}
        .steps{list-style:none;display:grid;grid-auto-flow:column;grid-auto-columns:minmax(0,1fr);gap:.5rem;
        padding:0;margin:0 0 1.25rem;counter-reset:s}
        .steps li{border-top:4px solid var(--line);padding-top:.25rem;counter-increment:s;color:var(--ink-soft);
        font-size:.95rem;overflow-wrap:anywhere}
        .steps li span::before{content:counter(s) ". "}
        :lang(km) .steps li span::before{content:counter(s,khmer) ". "}
        .steps li.done{border-color:var(--good)}
        .steps li[aria-current]{border-color:var(--gold);color:var(--ink);font-weight:700}
        .number{text-align:center;margin:1.25rem 0}
        .number b{display:inline-block;font-size:4rem;line-height:1.2;min-width:7.5rem;padding:.5rem 1.25rem;
        border-radius:20px;background:var(--cream);border:3px solid var(--gold);color:var(--ink);
        font-variant-numeric:tabular-nums}
        .number.code b{font-size:clamp(1.7rem,8.5vw,3.2rem);white-space:nowrap}
        .facts{margin:0 0 1.25rem}
        .facts div{display:grid;grid-template-columns:minmax(7rem,2fr) 3fr;gap:.25rem 1rem;padding:.45rem 0;
        border-bottom:1px solid var(--line)}
        .facts div:last-child{border-bottom:0}
        .facts dt{color:var(--ink-soft)}
        .facts dd{margin:0;font-weight:600;overflow-wrap:anywhere}
        .qr{display:block;width:min(100%,16rem);margin:1rem auto;background:#fff;border-radius:var(--radius);
        padding:.5rem}
        .waiting{display:flex;align-items:center;gap:.75rem}
        .waiting::before{content:"";width:1.1rem;height:1.1rem;border-radius:50%;border:3px solid var(--line);
        border-top-color:var(--gold);animation:turn 1.1s linear infinite;flex:none}
        @keyframes turn{to{transform:rotate(1turn)}}
        @media (prefers-reduced-motion:reduce){.waiting::before{animation:none}}
        pre{background:var(--paper);border:1px solid var(--line);border-radius:var(--radius);padding:.75rem 1rem;
        overflow-x:auto;line-height:1.5;margin:0 0 1.25rem}
        pre code{overflow-wrap:normal}
        summary{font-weight:600;cursor:pointer;padding:.4rem 0}
        .list{list-style:none;padding:0;margin:0 0 1.25rem}
        .list>li{border-bottom:1px solid var(--line);padding:.7rem 0}
        .scan img{max-width:100%;height:auto;display:block}
        .beside{display:grid;gap:var(--gap);grid-template-columns:minmax(0,1fr) minmax(0,1fr);align-items:start}
        .beside>.scan{position:sticky;top:.5rem;max-height:calc(100vh - 1rem);overflow:auto;z-index:1}
        .beside .fields{grid-template-columns:repeat(auto-fill,minmax(min(100%,12rem),1fr))}
        kbd{font:inherit;font-size:.85rem;border:1px solid var(--line);border-radius:5px;padding:0 .4rem;background:var(--paper);
        color:var(--ink-soft)}
        button kbd,.button kbd{background:transparent;color:inherit;border-color:currentColor;font-weight:400}
        @media (max-width:40rem){kbd,.keys{display:none}}
        .fill{min-height:2.5rem;margin-top:.4rem;padding:.2rem .9rem}
        .queues,.events{list-style:none;padding:0;margin:0 0 1.5rem;display:grid;gap:.6rem;
        grid-template-columns:repeat(auto-fill,minmax(min(100%,13rem),1fr))}
        .queues a{display:flex;justify-content:space-between;align-items:center;gap:.75rem;min-height:3.2rem;
        padding:.5rem 1rem;border:1px solid var(--line);border-radius:var(--radius);background:var(--paper);
        text-decoration:none}
        .queues a:hover{border-color:var(--link)}
        .queues .waits{border-color:var(--gold);background:var(--cream);font-weight:700}
        .events .button{width:100%}
        fieldset.event{min-width:0;margin:0 0 1.25rem}
        fieldset.event legend{padding:0;float:inline-start;width:100%}
        fieldset.event legend h2{margin:0 0 1rem}
        fieldset.event legend+*{clear:both}
        .fields{display:grid;gap:0 1.25rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr))}

        """

    static let tables = """
        table{width:100%;border-collapse:collapse;margin:0 0 1.25rem;background:var(--paper);
        border-radius:var(--radius)}
        caption{text-align:start;font-weight:700;padding:.4rem 0}
        th,td{text-align:start;padding:.55rem .75rem;border-bottom:1px solid var(--line);vertical-align:top}
        th{color:var(--ink-soft);font-weight:600}
        td.figure,th.figure{text-align:end;font-variant-numeric:tabular-nums}
        tr.differs th,tr.differs td{background:var(--warn-soft)}
        tr.part th{color:var(--ink);background:var(--blue-soft)}
        @media (max-width:40rem){
        .beside{grid-template-columns:minmax(0,1fr)}
        .beside>.scan{max-height:42vh;padding:.6rem}
        .beside>.scan h2{display:none}
        table.cards caption{display:block}
        table.cards th[scope=row],table.cards th[scope=rowgroup]{display:block;border-bottom:0;padding:.3rem .9rem}
        table.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        table.cards,table.cards tbody,table.cards tr,table.cards td{display:block;width:100%}
        table.cards{background:none}
        table.cards tr{background:var(--paper);border:1px solid var(--line);border-radius:var(--radius);
        margin:0 0 .8rem;padding:.25rem 0}
        table.cards td{display:grid;grid-template-columns:minmax(6.5rem,2fr) 3fr;gap:.5rem;border-bottom:0;
        padding:.3rem .9rem;text-align:start}
        table.cards td>*{justify-self:start}
        table.cards td::before{content:attr(data-label);color:var(--ink-soft);text-align:start}
        table.cards tr.part{background:var(--blue-soft)}
        .facts div{grid-template-columns:1fr}
        }
        @media (max-width:40rem){
        .bar{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:.1rem .5rem;padding:.35rem .75rem}
        .brand,.lang{grid-row:1}
        .menu,.account{grid-row:2}
        .brand,.menu{grid-column:1}
        .lang,.account{grid-column:2;justify-self:end}
        .menu{margin-inline-start:-.7rem}
        .bar:not(:has(.account)) .menu{grid-column:1/-1}
        .account{max-width:9rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
        }
        @media (max-width:26rem){main{padding:1rem .75rem 2rem}.card{padding:1rem}
        .steps{gap:.35rem}.steps li{font-size:.85rem}.steps li span::before{display:block}}
        @media print{.top,.foot,.actions,.skip,#steps,.screen-only{display:none}body{background:#fff;color:#000}
        main,main.wide{max-width:none;padding:0}.card,tr{break-inside:avoid}a{color:inherit}}

        """
}
