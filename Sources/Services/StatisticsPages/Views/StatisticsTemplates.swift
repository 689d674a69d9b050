import Web

extension StatisticsPages {
    /// The templates and texts of the module `statistics`, for `WebApplication`.
    public static let templates = PageTemplates(
        module: "statistics",
        templates: ["overview": overview, "tables": tables, "block": block, "choose": choose],
        texts: StatisticsTexts.texts)

    /// The style of the charts.
    public static let assets = [
        Asset("statistics.css", contentType: "text/css; charset=utf-8", text: Chart.style)
    ]

    /// path, areaSelect, yearSelect
    private static let choose = """
        <form class="card choose" method="get" action="{{path}}">
        {{#areaSelect}}{{> web/select}}{{/areaSelect}}{{#yearSelect}}{{> web/select}}{{/yearSelect}}
        <div class="actions"><button type="submit">{{t.show}}</button></div></form>

        """

    private static let overview = """
        <h1>{{t.title}}</h1>
        <p class="lead">{{t.lead}}</p>
        {{> statistics/choose}}
        {{#part}}<p>{{t.part}}</p>{{/part}}
        {{#monthly}}<p>{{t.monthly}}</p>{{/monthly}}
        <h2>{{t.years}}</h2>
        <div class="grid">{{#charts}}<section class="card"><h3>{{title}}</h3>{{svg}}</section>{{/charts}}</div>
        <h2>{{t.tables}}</h2>
        <p><a class="button secondary" href="{{gap}}">{{t.gap}}</a></p>
        <div class="grid">{{#groups}}<section class="card"><h3>{{title}}</h3><ul>{{#tables}}<li>\
        <a href="{{path}}">{{text}}</a></li>{{/tables}}</ul></section>{{/groups}}</div>
        <h2>{{t.indicators}}</h2>
        <table class="cards figures" id="indicators"><thead><tr><th scope="col">{{t.indicator}}</th>\
        <th scope="col" class="figure">{{t.value}}</th><th scope="col">{{t.unit}}</th></tr></thead><tbody>
        {{#indicators}}<tr data-id="{{id}}"><th scope="row">{{label}}</th>\
        <td class="figure" data-label="{{t.value}}">{{value}}</td><td data-label="{{t.unit}}">{{unit}}</td></tr>
        {{/indicators}}</tbody></table>
        <p class="fine">{{t.note}}</p><p class="fine">{{t.sources}}</p>
        <p><a href="{{json}}">{{t.data}}</a></p>

        """

    private static let tables = """
        <h1>{{heading}}</h1>
        {{#lead}}<p class="lead">{{lead}}</p>{{/lead}}
        {{> statistics/choose}}
        {{#blocks}}{{> statistics/block}}{{/blocks}}
        <p class="fine">{{t.note}}</p>
        <p><a href="/statistics">{{t.back}}</a></p>

        """

    private static let block = """
        <section class="card" id="{{id}}">{{#title}}<h2>{{title}}</h2>{{/title}}
        {{#isEmpty}}<p>{{t.empty}}</p>{{/isEmpty}}
        {{^isEmpty}}{{svg}}
        <table class="cards figures"><caption>{{caption}}</caption><thead><tr><th scope="col">{{lineLabel}}</th>\
        {{#columns}}<th scope="col" class="figure">{{text}}</th>{{/columns}}</tr></thead><tbody>
        {{#lines}}<tr{{#isSum}} class="sum"{{/isSum}}><th scope="row">{{text}}</th>\
        {{#cells}}<td class="figure" data-label="{{label}}">{{text}}</td>{{/cells}}</tr>
        {{/lines}}</tbody></table>{{/isEmpty}}
        <p>{{t.download}}: <a href="{{csv}}" download>CSV</a> · <a href="{{json}}" download>SDMX-JSON</a></p></section>

        """
}
